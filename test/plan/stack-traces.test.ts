import { tracesOf } from "../../plan/stack-traces";

const exported = (...resources: readonly object[]): string => JSON.stringify({ deployment: { resources } });

test("the id of the marks and the libvirt come from the state", () => {
  const text = exported(
    { type: "pulumi:pulumi:Stack", outputs: {} },
    { type: "random:index/randomId:RandomId", outputs: { hex: "00ff" } },
    { type: "pulumi:providers:random", inputs: { uri: "not libvirt's" } },
    { type: "pulumi:providers:libvirt", inputs: { uri: "qemu:///system" } },
  );
  expect(tracesOf(text)).toEqual({ stackId: "00ff", libvirtUri: "qemu:///system" });
});

test("an empty state says nothing, and a half-made one what it has", () => {
  expect(tracesOf(JSON.stringify({ version: 3, deployment: {} }))).toEqual({});
  expect(tracesOf(exported({ type: "random:index/randomId:RandomId", outputs: {} }))).toEqual({});
  expect(tracesOf(exported({ type: "pulumi:providers:libvirt", inputs: { uri: "" } }))).toEqual({});
});
