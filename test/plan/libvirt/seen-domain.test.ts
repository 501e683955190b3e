import { definitionRest } from "../../../plan/libvirt/definition-rest";
import { domainXml } from "../../../plan/libvirt/domain-xml";
import { domainInputs, type DomainInputs } from "../../../plan/libvirt/inputs";
import { seenProperties } from "../../../plan/libvirt/seen-domain";
import { parseXml } from "../../../plan/libvirt/xml";
import { driftedPaths } from "../../../providers/libvirt/drift";

/** What is read out of a definition. That libvirt really writes so is shown by test/guest, with one release of it. */

const identity = { uuid: "5d1c1e7e-6f0b-4d1f-9d53-3b0f5a0f9d10", instance: "0123456789abcdef", mark: undefined };
const surroundings = { formats: {}, networkNames: { "a-uuid": "net" } };

const inputs = domainInputs.parse({
  name: "d",
  memory: 64,
  kernel: "/vmlinuz",
  cmdlines: [{ _: "ro" }],
  disks: [{ file: "/a.img" }, { blockDevice: "/dev/sdz" }],
  networkInterfaces: [{ networkId: "a-uuid", mac: "52:54:00:00:00:01" }],
  consoles: [{ type: "pty", targetPort: "0" }],
  qemuAgent: true,
  credentials: { a: "1" },
});

const definition = (wanted: DomainInputs = inputs): string =>
  domainXml(wanted, identity, surroundings)
    .replace(/<memory unit='MiB'>(\d+)<\/memory>/, (_, mib: string) => {
      const kib = Number(mib) * 1024;
      return `<memory unit='KiB'>${kib}</memory><currentMemory unit='KiB'>${kib}</currentMemory>`;
    })
    .replace("machine='q35'", "machine='pc-q35-7.2'")
    .replace("</os>", wanted.kernel === undefined ? "</os>" : "<boot dev='hd'/></os>");

const pathsOf = (xml: string, wanted: DomainInputs = inputs): readonly string[] =>
  driftedPaths(wanted, seenProperties(wanted, parseXml(xml), surroundings));
const restOf = (xml: string): readonly string[] => definitionRest(inputs, identity, surroundings, parseXml(xml));

it("finds all as it was wanted", () => {
  expect(pathsOf(definition())).toEqual([]);
  expect(restOf(definition())).toEqual([]);
});

it.each(["pc-q35-7.2", "pc-q35-jammy", "pc-q35-rhel9.2.0", "q35"])("takes %s for a q35", (machine) => {
  expect(pathsOf(definition().replace("pc-q35-7.2", machine))).toEqual([]);
});

it.each(["pc-i440fx-7.2", "pc", "microvm", "pc-q350-1"])("does not take %s for a q35", (machine) => {
  expect(pathsOf(definition().replace("pc-q35-7.2", machine))).toEqual(["machine"]);
});

const unchosen = (cpu: string): string => definition().replace("<clock", `${cpu}<clock`);

it("takes libvirt's own word for a CPU that nobody chose, and no other", () => {
  expect(pathsOf(unchosen("<cpu mode='custom' match='exact'><model>qemu64</model></cpu>"))).toEqual([]);
  expect(pathsOf(unchosen("<cpu mode='maximum'/>"))).toEqual(["cpu"]);
  const empty = { ...inputs, cpu: {} };
  expect(pathsOf(unchosen("<cpu mode='custom'><model>qemu64</model></cpu>"), empty)).toEqual([]);
});

it("takes a version of a machine that was named for itself only", () => {
  const exact = { ...inputs, machine: "pc-q35-7.2" };
  expect(pathsOf(definition(exact), exact)).toEqual([]);
  expect(pathsOf(definition(exact).replace("7.2", "8.0"), exact)).toEqual(["machine"]);
});

/** What libvirt puts in by itself, also in later releases. */
it.each([
  "<controller type='pci' index='0' model='pcie-root'/>",
  "<input type='mouse' bus='ps2'/>",
  "<audio id='1' type='none'/>",
  "<watchdog model='itco' action='reset'/>",
  "<console type='pty'><target type='serial' port='0'/></console>",
])("passes over %s", (device) => {
  const xml = definition().replace("</devices>", `${device}</devices>`);
  expect(pathsOf(xml)).toEqual([]);
  expect(restOf(xml)).toEqual([]);
});

it.each<readonly [string, string, readonly string[]]>([
  ["</devices>", "<hostdev/><tpm/></devices>", ["has hostdev", "has tpm"]],
  ["</devices>", "<disk type='file' device='floppy'/></devices>", ["has another cdrom or floppy"]],
  ["<model type='virtio'/>", "<model type='e1000'/>", ["networkInterfaces[0] has another model"]],
  ["<model type='virtio'/>", "<model type='virtio'/><link state='down'/>", ["networkInterfaces[0] has link"]],
  ["<target dev='vda'", "<iotune/><target dev='vda'", ["disks[0] has iotune"]],
  ["<clock offset='utc'/>", "<clock offset='localtime'/>", ["another clock"]],
  ["<acpi/>", "", ["another features"]],
  ["<memballoon model='none'/>", "<memballoon model='virtio'/>", ["another memballoon"]],
  ["<currentMemory unit='KiB'>65536", "<currentMemory unit='KiB'>1024", ["another currentMemory"]],
  ["</metadata>", "</metadata><cputune/>", ["has cputune"]],
])("tells in words that %s became %s", (before, after, words) => {
  const xml = definition().replace(before, after);
  expect(xml).not.toBe(definition());
  expect(restOf(xml)).toEqual(words);
  expect(pathsOf(xml)).toEqual([]);
});

it.each<readonly [string, string, readonly string[]]>([
  ["<source dev='/dev/sdz'/>", "<source dev='/dev/sdy'/>", ["disks[1].blockDevice"]],
  ["<source network='net'/>", "<source network='other'/>", ["networkInterfaces[0].networkId"]],
  ["<kernel>/vmlinuz</kernel>", "", ["kernel"]],
  ["<boot dev='hd'/>", "<boot dev='network'/>", ["bootDevices[0]"]],
  ["<cmdline>ro</cmdline>", "<cmdline>rw</cmdline>", ["cmdlines[0]._"]],
  ["<domain type='kvm'>", "<domain type='qemu'>", ["type"]],
  ["arch='x86_64'", "arch='i686'", ["arch"]],
  ["<serial type='pty'>", "<serial type='null'>", ["consoles[0].type"]],
  [
    "</devices>",
    "<disk type='file' device='cdrom'><source file='/x.iso'/><target dev='sda' bus='sata'/></disk></devices>",
    ["cloudinit"],
  ],
  ["</devices>", "<interface type='bridge'><source bridge='br1'/></interface></devices>", ["networkInterfaces[1]"]],
])("tells by its path that %s became %s", (before, after, paths) => {
  const xml = definition().replace(before, after);
  expect(xml).not.toBe(definition());
  expect(pathsOf(xml)).toEqual(paths);
});

it("does not know what network lies behind the id of one that is gone", () => {
  const seen = seenProperties(inputs, parseXml(definition()), { formats: {}, networkNames: {} });
  expect(seen["networkInterfaces"]).toEqual(inputs.networkInterfaces);
});
