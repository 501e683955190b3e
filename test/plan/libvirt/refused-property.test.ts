import { domainInputs, networkInputs, poolInputs, volumeInputs } from "../../../plan/libvirt/inputs";
import {
  domainRefusable,
  networkRefusable,
  poolRefusable,
  refusedProperty,
  volumeRefusable,
} from "../../../plan/libvirt/refused-property";

/** Messages as libvirt 9.0 and QEMU 7.2 say them; test/guest/libvirt-refusals asks the real ones. */

const domain = domainInputs.parse({
  name: "d",
  kernel: "/image/vmlinuz",
  initrd: "/image/vmlinuz.initrd",
  emulator: "/usr/bin/qemu-system-x86_64",
  description: "a bell: \u0007",
  cpu: { mode: "maximum", disabledFeatures: ["cx16", "nope"] },
  disks: [{ volumeId: "/pool/a" }, { file: "/images/b.raw" }],
  networkInterfaces: [{ networkName: "lab" }, { bridge: "br9", mac: "01:00:00:00:00:01" }],
  consoles: [
    { type: "file", targetPort: "0", sourcePath: "/logs/d.log" },
    { type: "pty", targetPort: "0" },
  ],
});

it.each([
  ["could not load kernel '/image/vmlinuz': No such file or directory", "kernel"],
  ["could not load initrd '/image/vmlinuz.initrd'", "initrd"],
  ["Cannot access storage file '/images/b.raw': No such file or directory", "disks[1].file"],
  ["Network not found: no network with matching name 'lab'", "networkInterfaces[0].networkName"],
  ["Cannot get interface MTU on 'br9': No such device", "networkInterfaces[1].bridge"],
  ["XML error: expected unicast mac address, found multicast '01:00:00:00:00:01'", "networkInterfaces[1].mac"],
  ["can't open /logs/d.log", "consoles[0].sourcePath"],
  ["internal error: target port '0' already allocated", "consoles[1].targetPort"],
  ["XML error: No PCI buses available", "machine"],
  ["unsupported configuration: Unknown architecture vax", "arch"],
  ["Emulator '/usr/bin/qemu-system-x86_64' does not support virt type 'kvm'", "type"],
  ["unsupported configuration: Invalid mode attribute 'best'", "cpu.mode"],
  ["CPU mode 'host-passthrough' for x86_64 qemu domain on x86_64 host is not supported by hypervisor", "cpu.mode"],
  ["unsupported configuration: unknown CPU feature: nope", "cpu.disabledFeatures[1]"],
  ["XML error: CPU feature 'cx16' specified more than once", "cpu.disabledFeatures[0]"],
  ["Maximum CPUs greater than specified machine type limit 288", "vcpu"],
  ["qemu-system-x86_64: cannot set up guest memory 'pc.ram': Cannot allocate memory", "memory"],
  ["(domain_definition):1: PCDATA invalid Char value 7", "description"],
  ["laboratory out of memory", undefined],
])("of a domain, %j is about %s", (message, property) => {
  expect(refusedProperty(message, domainRefusable(domain))).toBe(property);
});

const network = networkInputs.parse({
  name: "n",
  bridge: "br1",
  addresses: ["10.1.0.0/24", "10.2.0.0/24", "10.2.0.0/24"],
  dns: { hosts: [{ hostname: "a", ip: "10.1.0.7" }] },
});

it.each([
  ["Failed to add IP address 10.2.0.1/24 bcast 10.2.0.255 to br1", "addresses[2]"],
  ["internal error: bridge name 'br1' already in use.", "bridge"],
  ["error creating bridge interface br1: File exists", "bridge"],
  ["Cannot set interface MTU on 'br1': Invalid argument", "mtu"],
  ["dnsmasq: bad option at line 21 of /var/lib/libvirt/dnsmasq/n.conf", "dnsmasqOptions.options"],
  ["internal error: Network is already in use by interface eth0", "addresses"],
  ["there is already at least one DNS HOST record with a matching field in network n", undefined],
])("of a network, %j is about %s", (message, property) => {
  expect(refusedProperty(message, networkRefusable(network))).toBe(property);
});

it("of pools and volumes too", () => {
  const refused = "cannot create path '/proc/x': No such file or directory";
  const [plain, inTarget] = [{ path: "/proc/x/y" }, { target: { path: "/proc/x/y" } }];
  expect(refusedProperty(refused, poolRefusable(poolInputs.parse({ name: "p", type: "dir", ...plain })))).toBe("path");
  expect(refusedProperty(refused, poolRefusable(poolInputs.parse({ name: "p", type: "dir", ...inTarget })))).toBe(
    "target.path",
  );
  const volume = volumeRefusable(volumeInputs.parse({ name: "v", size: 1, baseFile: "/nowhere/base.qcow2" }));
  expect(refusedProperty("inaccessible backing store volume /nowhere/base.qcow2", volume)).toBe("baseFile");
  expect(refusedProperty("The image size is too large for file format 'qcow2'", volume)).toBe("size");
});
