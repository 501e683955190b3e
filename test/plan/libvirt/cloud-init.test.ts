import { cloudInitFiles } from "../../../plan/libvirt/cloud-init";

it("has the two files that NoCloud looks for, and a third one only when it is wanted", () => {
  expect(cloudInitFiles({})).toEqual({ "user-data": "", "meta-data": "" });
  expect(cloudInitFiles({ userData: "u", metaData: "m", networkConfig: "n" })).toEqual({
    "user-data": "u",
    "meta-data": "m",
    "network-config": "n",
  });
});
