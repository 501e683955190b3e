import { makeCloudInitDisk } from "../../drivers/libvirt/cloud-init-disk";
import { cloudInitDiskInputs } from "../../plan/libvirt/inputs";

it("says which program is missing, and what it is for", async () => {
  const path = process.env["PATH"];
  process.env["PATH"] = "/nowhere";
  try {
    const virsh = { uri: "test:///default", run: () => Promise.reject(new Error("libvirt was asked")) };
    const inputs = cloudInitDiskInputs.parse({ name: "seed.iso", userData: "#cloud-config" });
    await expect(makeCloudInitDisk(virsh, inputs, undefined)).rejects.toThrow(
      /the program xorriso makes the disk of userData, and it is not here\nnext: install it where Pulumi runs/,
    );
  } finally {
    process.env["PATH"] = path;
  }
});
