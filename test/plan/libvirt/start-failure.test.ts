import { domainInputs } from "../../../plan/libvirt/inputs";
import { propertyNamedIn } from "../../../plan/libvirt/start-failure";

const inputs = domainInputs.parse({
  name: "d",
  kernel: "/image/vmlinuz",
  initrd: "/image/vmlinuz.initrd",
  disks: [{ volumeId: "/pool/a" }, { file: "/images/b.raw" }],
  networkInterfaces: [{ networkName: "lab" }, { bridge: "br9" }],
  consoles: [{ type: "file", targetPort: "0", sourcePath: "/logs/d.log" }],
});

it.each([
  ["could not load kernel '/image/vmlinuz': No such file or directory", "kernel"],
  ["could not load initrd '/image/vmlinuz.initrd'", "initrd"],
  ["Cannot access storage file '/images/b.raw': No such file or directory", "disks[1].file"],
  ["Network not found: no network with matching name 'lab'", "networkInterfaces[0].networkName"],
  ["Cannot get interface MTU on 'br9': No such device", "networkInterfaces[1].bridge"],
  ["can't open /logs/d.log", "consoles[0].sourcePath"],
  ["laboratory out of memory", undefined],
])("of %j is about %s", (message, property) => {
  expect(propertyNamedIn(message, inputs)).toBe(property);
});
