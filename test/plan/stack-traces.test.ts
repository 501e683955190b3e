import { NO_TRACES, tracesOf } from "../../plan/stack-traces";

const exported = (...resources: readonly object[]): string => JSON.stringify({ deployment: { resources } });

test("the id of the marks, the libvirt and the folders of disks come from the state", () => {
  const text = exported(
    { type: "pulumi:pulumi:Stack", outputs: {} },
    { type: "random:index/randomId:RandomId", outputs: { hex: "00ff" } },
    { type: "pulumi:providers:random", inputs: { uri: "not libvirt's" } },
    { type: "pulumi:providers:libvirt", inputs: { uri: "qemu:///system" } },
    { type: "libvirt:index/pool:Pool", inputs: { path: "/disks/new" } },
    { type: "libvirt:index/pool:Pool", inputs: { path: "/disks/old" }, delete: true },
  );
  expect(tracesOf(text)).toEqual({
    stackId: "00ff",
    libvirtUri: "qemu:///system",
    poolFolders: ["/disks/new", "/disks/old"],
  });
});

test("an empty state says nothing, and a half-made one what it has", () => {
  expect(tracesOf(JSON.stringify({ version: 3, deployment: {} }))).toEqual(NO_TRACES);
  expect(tracesOf(exported({ type: "random:index/randomId:RandomId", outputs: {} }))).toEqual(NO_TRACES);
  expect(tracesOf(exported({ type: "pulumi:providers:libvirt", inputs: { uri: "" } }))).toEqual(NO_TRACES);
});
