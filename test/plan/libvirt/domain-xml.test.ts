import "../../golden-matcher";
import { domainXml, seenDomain } from "../../../plan/libvirt/domain-xml";
import { domainInputs } from "../../../plan/libvirt/inputs";
import { markOf } from "../../../plan/mark";

/** What libvirt is given, to the letter; that libvirt takes it is shown by test/guest. */

const identity = {
  uuid: "5d1c1e7e-6f0b-4d1f-9d53-3b0f5a0f9d10",
  instance: "0123456789abcdef",
  mark: markOf("c0ffee", "urn:pulumi:dev::replikube::libvirt:index/domain:Domain::worker-0"),
};
const nothingKnown = { formats: {}, networkNames: {} };
const pretty = (xml: string): string => `${xml.replaceAll("><", ">\n<")}\n`;

it("of a machine of ours boots the kernel of the image with its credentials", () => {
  const inputs = domainInputs.parse({
    name: "replikube-dev-worker-0",
    description: "a <machine> & more",
    type: "qemu",
    vcpu: 2,
    memory: 2048,
    cpu: { mode: "maximum", disabledFeatures: ["cx16"] },
    kernel: "/image/vmlinuz",
    initrd: "/image/initrd",
    cmdlines: [{ _: "root=/dev/vda ro quiet" }, { console: "ttyS0" }],
    disks: [{ volumeId: "/pool/worker-0.qcow2" }, { volumeId: "/pool/data" }, { blockDevice: "/dev/sdz" }],
    networkInterfaces: [{ networkName: "net", mac: "52:54:00:00:00:01" }, { networkId: "a-uuid" }, { bridge: "br0" }],
    consoles: [
      { type: "file", targetPort: "0", sourcePath: "/logs/worker-0.log" },
      { type: "pty", targetPort: "1", targetType: "virtio" },
    ],
    qemuAgent: true,
    credentials: { "system.hostname": "worker-0", "ssh.authorized_keys.root": "ssh-ed25519 AAAA" },
    stackId: "c0ffee",
  });
  const known = { formats: { "/pool/data": "raw" }, networkNames: { "a-uuid": "other" } };
  expect(pretty(domainXml(inputs, identity, known))).toBeGolden("libvirt/machine.xml");
});

it("boots firmware from a disk with a cloud-init image when that is asked for", () => {
  const inputs = domainInputs.parse({
    name: "uefi",
    firmware: "/usr/share/OVMF/OVMF_CODE_4M.fd",
    nvram: { file: "/vars/uefi.fd", template: "/usr/share/OVMF/OVMF_VARS_4M.fd" },
    disks: [{ file: "/images/disk.img" }, { file: "/images/disk.qcow2" }],
    cloudinit: "/pool/seed.iso",
    emulator: "/usr/bin/qemu-system-x86_64",
  });
  const unmarked = { ...identity, mark: undefined };
  expect(pretty(domainXml(inputs, unmarked, nothingKnown))).toBeGolden("libvirt/firmware.xml");
});

const orderOf = (more: object): readonly string[] => {
  const xml = domainXml(domainInputs.parse({ name: "d", ...more }), identity, nothingKnown);
  return [...xml.matchAll(/<boot dev='(\w+)'\/>/g)].map(([, dev = ""]) => dev);
};

it("tries the devices that are named, in their order, and the disk alone when none is", () => {
  expect(orderOf({})).toEqual(["hd"]);
  expect(orderOf({ bootDevices: [{ devs: ["network", "hd"] }, { devs: ["cdrom"] }] })).toEqual([
    "network",
    "hd",
    "cdrom",
  ]);
  expect(orderOf({ kernel: "/vmlinuz", bootDevices: [{ devs: ["network"] }] })).toEqual([]);
});

it("gives back whose it is", () => {
  const xml = domainXml(domainInputs.parse({ name: "d", description: "a <word>" }), identity, nothingKnown);
  expect(seenDomain(xml)).toEqual({ ...identity, name: "d", description: "a <word>" });
});

const xmlWith = (credentials: Readonly<Record<string, string>>): string =>
  domainXml(domainInputs.parse({ name: "d", credentials }), identity, nothingKnown);

it("orders credentials by name, whatever order they came in", () => {
  expect(xmlWith({ b: "2", a: "1" })).toBe(xmlWith({ a: "1", b: "2" }));
});
