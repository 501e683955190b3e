import { join } from "node:path";
import type { Properties, Resource } from "../../providers/kit/resource";
import { domain } from "../../providers/libvirt/domain";
import { network } from "../../providers/libvirt/network";
import { pool } from "../../providers/libvirt/pool";
import { volume } from "../../providers/libvirt/volume";
import { startLibvirtHost, type LibvirtHost } from "../fixtures/libvirt-host";
import { create } from "../fixtures/libvirt-resources";

/** What `check` cannot know and libvirt refuses: its own words, the property they are about, and nothing left. */

const MINUTE = 60_000;
jest.setTimeout(MINUTE);

let libvirt: LibvirtHost;

beforeAll(async () => {
  libvirt = await startLibvirtHost();
}, MINUTE);

afterAll(() => libvirt.remove(), MINUTE);

const guest = { name: "guest", type: "qemu", memory: 64 };
const isolated = { name: "net", mode: "none", addresses: ["10.99.4.0/24"] };

it.each<readonly [Resource, Properties, string, string]>([
  [domain, { ...guest, machine: "pc-of-1981" }, "No PCI buses available", "domain's property machine"],
  [domain, { ...guest, arch: "vax" }, "Unknown architecture vax", "domain's property arch"],
  [domain, { ...guest, type: "kvm" }, "does not support virt type 'kvm'", "domain's property type"],
  [domain, { ...guest, cpu: { mode: "best" } }, "Invalid mode attribute 'best'", "domain's property cpu.mode"],
  [
    domain,
    { ...guest, cpu: { mode: "maximum", disabledFeatures: ["cx16", "warp"] } },
    "unknown CPU feature: warp",
    "domain's property cpu.disabledFeatures[1]",
  ],
  [domain, { ...guest, emulator: "/nowhere/qemu" }, "Cannot check QEMU binary", "domain's property emulator"],
  [domain, { ...guest, firmware: "/nowhere/OVMF.fd" }, "/nowhere/OVMF.fd", "domain's property firmware"],
  [domain, { ...guest, nvram: { file: "/x" } }, "no loader path specified", "domain's property firmware"],
  [domain, { ...guest, vcpu: 9999 }, "Maximum CPUs greater", "domain's property vcpu"],
  [domain, { ...guest, cloudinit: "/nowhere.iso" }, "Cannot access storage file", "domain's property cloudinit"],
  [
    domain,
    { ...guest, networkInterfaces: [{ bridge: "nobridge" }] },
    "'nobridge': No such device",
    "domain's property networkInterfaces[0].bridge",
  ],
  [
    domain,
    { ...guest, networkInterfaces: [{ bridge: "b", mac: "01:00:00:00:00:01" }] },
    "found multicast",
    "domain's property networkInterfaces[0].mac",
  ],
  [domain, { ...guest, description: "a bell: \u0007" }, "invalid Char value 7", "domain's property description"],
  [network, { ...isolated, bridge: "bad/name" }, "bad/name", "network's property bridge"],
  [network, { ...isolated, mtu: 70_000 }, "Cannot set interface MTU", "network's property mtu"],
  [
    network,
    { ...isolated, addresses: ["10.99.4.0/24", "10.99.4.0/24"] },
    "Failed to add IP address 10.99.4.1/24",
    "network's property addresses[1]",
  ],
  [
    network,
    { ...isolated, dnsmasqOptions: { options: [{ optionName: "no-such-option" }] } },
    "bad option",
    "network's property dnsmasqOptions.options",
  ],
  [pool, { name: "pool", type: "dir", path: "/proc/x/y" }, "cannot create path", "pool's property path"],
])("%# %j: libvirt's words, and which property they are about", async (resource, inputs, words, property) => {
  const failure = await create(resource, "r", inputs).catch((error: unknown) => String(error));
  expect(failure).toContain(words);
  expect(failure).toContain(`next: look at the ${property}`);
  expect(failure).not.toMatch(/next:[^]*next:/);
  expect(libvirt.objects()).toEqual([]);
});

const refused = (more: Properties): Promise<string> =>
  create(volume, "v", { name: "v", pool: "pool", ...more }).then(String, String);

it("of a volume too", async () => {
  await create(pool, "p", { name: "pool", type: "dir", path: join(libvirt.directory, "pool") });
  expect(await refused({ baseFile: "/nowhere.qcow2" })).toMatch(
    /inaccessible backing store volume \/nowhere[^]*volume's property baseFile/,
  );
  expect(await refused({ baseVolumeName: "none" })).toMatch(/Storage volume not found[^]*property baseVolumeName/);
  expect(await refused({ size: 2 ** 52 })).toMatch(/too large[^]*property size/);
  expect(await refused({ size: 1, pool: "none" })).toMatch(/there is no pool none[^]*property pool/);
  expect(await refused({ source: "/nowhere.img" })).toMatch(/no file \/nowhere\.img[^]*property source/);
  expect(libvirt.virsh("vol-list", "pool")).toBe("");
});
