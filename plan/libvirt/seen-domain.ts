import { GUEST_AGENT, type DomainSurroundings } from "./domain-devices";
import { commandLineOf, credentialEntries } from "./domain-xml";
import type { DomainInputs } from "./inputs";
import { seenCloudInit, seenConsoles, seenDisks, seenInterfaces } from "./seen-devices";
import { allAt, textAt, type XmlElement } from "./xml";

/** A domain's definition in the words of our properties: what says the same is the wanted value itself, see seen-devices.ts. */

const KIB_PER_MIB = 1024;

/** An empty element is as good as none. */
function textOr(wanted: string | undefined, seen: string): string | undefined {
  if ((wanted ?? "").trim() === seen.trim()) return wanted;
  return seen === "" ? undefined : seen;
}

/** `q35` is short for the newest that QEMU has, and libvirt keeps which that was: `pc-q35-7.2`, `pc-q35-jammy`. */
function isMachine(wanted: string, seen: string): boolean {
  const families = wanted === "pc" ? ["pc-i440fx"] : [wanted, `pc-${wanted}`];
  return seen === wanted || families.some((family) => seen.startsWith(`${family}-`));
}

/** Without a wish libvirt writes down what it takes for QEMU's default, as `custom`. */
function seenCpu(wanted: DomainInputs["cpu"], root: XmlElement): unknown {
  const [cpu] = allAt(root, "cpu");
  const mode = cpu?.attributes["mode"];
  if (wanted?.mode === undefined) return mode === undefined || mode === "custom" ? wanted : { mode };
  const disabledFeatures = (cpu === undefined ? [] : allAt(cpu, "feature"))
    .filter(({ attributes }) => attributes["policy"] === "disable")
    .map(({ attributes }) => attributes["name"] ?? "");
  const before = wanted.disabledFeatures ?? [];
  const sameFeatures =
    before.length === disabledFeatures.length && before.every((name) => disabledFeatures.includes(name));
  if (mode === wanted.mode && sameFeatures) return wanted;
  return { ...wanted, mode, ...(!sameFeatures && { disabledFeatures }) };
}

const CREDENTIAL = /^io\.systemd\.credential(\.binary)?:([^=]+)=(.*)$/s;

function seenCredentials(wanted: DomainInputs["credentials"], root: XmlElement): unknown {
  const entries = allAt(root, "sysinfo", "oemStrings", "entry").map((entry) => entry.text);
  const same = entries.length === credentialEntries(wanted ?? {}).length;
  if (same && credentialEntries(wanted ?? {}).every((entry) => entries.includes(entry))) return wanted;
  return Object.fromEntries(
    entries.map((entry) => {
      const [, binary, name = entry, value = ""] = CREDENTIAL.exec(entry) ?? [];
      return [name, binary === undefined ? value : Buffer.from(value, "base64").toString()];
    }),
  );
}

function seenNvram(wanted: DomainInputs["nvram"], root: XmlElement): unknown {
  const [found] = allAt(root, "os", "nvram");
  // libvirt gives firmware a file of its own choice.
  if (wanted === undefined) return undefined;
  const { file, template } = wanted;
  const seenTemplate = found?.attributes["template"];
  return {
    ...wanted,
    ...(file !== undefined && { file: textOr(file, found?.text ?? "") }),
    ...(template !== undefined && template !== seenTemplate && { template: seenTemplate }),
  };
}

function seenCommandLine(wanted: DomainInputs["cmdlines"], root: XmlElement): unknown {
  const seen = textAt(root, "os", "cmdline");
  if (seen === (wanted === undefined ? "" : commandLineOf(wanted).trim())) return wanted;
  return seen === "" ? undefined : [{ _: seen }];
}

/** Without a wish, and for what boots a kernel, libvirt writes down the disk. */
function seenBootDevices({ bootDevices, kernel }: DomainInputs, root: XmlElement): unknown {
  const devs = allAt(root, "os", "boot").map(({ attributes }) => attributes["dev"] ?? "");
  const named = kernel === undefined ? bootDevices.flatMap((each) => each.devs) : [];
  const expected = named.length === 0 ? ["hd"] : named;
  return JSON.stringify(devs) === JSON.stringify(expected) ? bootDevices : [{ devs }];
}

const hasAgent = (root: XmlElement): boolean =>
  allAt(root, "devices", "channel", "target").some(({ attributes }) => attributes["name"] === GUEST_AGENT);

/** Of a stored definition (`dumpxml --inactive`), or of a running guest; virsh gives memory in KiB. */
export function seenProperties(
  wanted: DomainInputs,
  root: XmlElement,
  surroundings: DomainSurroundings,
): Readonly<Record<string, unknown>> {
  const [os] = allAt(root, "os", "type");
  const { arch, machine = "" } = os?.attributes ?? {};
  const { current } = allAt(root, "vcpu")[0]?.attributes ?? {};
  return {
    description: textOr(wanted.description, textAt(root, "description")),
    type: root.attributes["type"],
    vcpu: Number(current ?? textAt(root, "vcpu")),
    memory: Number(textAt(root, "memory")) / KIB_PER_MIB,
    cpu: seenCpu(wanted.cpu, root),
    machine: isMachine(wanted.machine, machine) ? wanted.machine : machine,
    arch,
    // Without a wish it is libvirt's choice.
    emulator: wanted.emulator === undefined ? undefined : textAt(root, "devices", "emulator"),
    firmware: textOr(wanted.firmware, textAt(root, "os", "loader")),
    nvram: seenNvram(wanted.nvram, root),
    kernel: textOr(wanted.kernel, textAt(root, "os", "kernel")),
    initrd: textOr(wanted.initrd, textAt(root, "os", "initrd")),
    cmdlines: seenCommandLine(wanted.cmdlines, root),
    bootDevices: seenBootDevices(wanted, root),
    disks: seenDisks(wanted.disks, root),
    cloudinit: seenCloudInit(root),
    networkInterfaces: seenInterfaces(wanted.networkInterfaces, root, surroundings),
    consoles: seenConsoles(wanted.consoles, root),
    qemuAgent: hasAgent(root),
    credentials: seenCredentials(wanted.credentials, root),
  };
}
