import type { DomainSurroundings } from "./domain-devices";
import { domainXml, type DomainIdentity } from "./domain-xml";
import { foreignParts } from "./foreign-parts";
import type { DomainInputs } from "./inputs";
import { diskElementsOf, interfaceElementsOf } from "./seen-devices";
import { allAt, parseXml, textAt, type XmlElement } from "./xml";

/**
 * What of a domain's definition no property holds, in words. libvirt writes down much that nobody asked for, and more with every
 * release; so what we wrote must be there, and of the rest only what never comes by itself is told.
 */

/** Elements that we write and that no property is about. */
const FIXED = ["features", "clock", "on_poweroff", "on_reboot", "on_crash"] as const;
const FIXED_DEVICES = ["rng", "memballoon"] as const;

const NEVER_BY_ITSELF = [
  "blkiotune",
  "cputune",
  "iothreads",
  "keywrap",
  "launchSecurity",
  "maxMemory",
  "memoryBacking",
  "memtune",
  "numatune",
  "perf",
  "qemu:commandline",
  "throttlegroups",
] as const;

const DEVICES_NEVER_BY_THEMSELVES = [
  "crypto",
  "filesystem",
  "graphics",
  "hostdev",
  "iommu",
  "lease",
  "memory",
  "parallel",
  "redirdev",
  "shmem",
  "smartcard",
  "sound",
  "tpm",
  "video",
  "vsock",
] as const;

const OF_A_CPU = ["cache", "numa", "topology"] as const;
const OF_A_DISK = ["encryption", "iotune", "mirror", "readonly", "serial", "shareable", "transient"] as const;
const OF_AN_INTERFACE = ["bandwidth", "filterref", "link", "mtu", "port", "virtualport", "vlan"] as const;

/** Whether everything that was written stands in what is seen; what else stands there is libvirt's. */
function covers(written: XmlElement, seen: XmlElement | undefined): boolean {
  if (seen === undefined) return false;
  return (
    Object.entries(written.attributes).every(([name, value]) => seen.attributes[name] === value) &&
    (written.text.trim() === "" || written.text.trim() === seen.text.trim()) &&
    written.children.every((child) => seen.children.some((each) => each.name === child.name && covers(child, each)))
  );
}

function changedParts(ours: XmlElement, seen: XmlElement, names: readonly string[]): readonly string[] {
  return names
    .filter((name) => allAt(ours, name).some((part) => !allAt(seen, name).some((each) => covers(part, each))))
    .map((name) => `another ${name}`);
}

/** Of devices that a property lists: parts that the property does not name. */
function partsOf(
  property: string,
  ours: readonly XmlElement[],
  seen: readonly XmlElement[],
  { written, foreign }: { readonly written: readonly string[]; readonly foreign: readonly string[] },
): readonly string[] {
  return seen.flatMap((device, index) => {
    const [own] = ours.filter((each) => covers({ ...each, children: allAt(each, "target") }, device));
    const at = `${property}[${index}] `;
    const changed = own === undefined ? [] : changedParts(own, device, written).map((words) => `${at}has ${words}`);
    return [...changed, ...foreignParts(device, foreign, at)];
  });
}

const devices = (root: XmlElement): XmlElement => allAt(root, "devices")[0] ?? root;

/** From `virsh dumpxml --inactive`. */
export function definitionRest(
  inputs: DomainInputs,
  identity: DomainIdentity,
  surroundings: DomainSurroundings,
  seen: XmlElement,
): readonly string[] {
  const ours = parseXml(domainXml(inputs, identity, surroundings));
  const cdroms = allAt(seen, "devices", "disk").length - diskElementsOf(seen).length;
  return [
    ...changedParts(ours, seen, FIXED),
    ...changedParts(devices(ours), devices(seen), FIXED_DEVICES),
    ...(textAt(seen, "currentMemory") === textAt(seen, "memory") ? [] : ["another currentMemory"]),
    ...foreignParts(seen, NEVER_BY_ITSELF),
    ...foreignParts(allAt(seen, "cpu")[0], OF_A_CPU, "cpu "),
    ...foreignParts(devices(seen), DEVICES_NEVER_BY_THEMSELVES),
    ...(cdroms > (inputs.cloudinit === undefined ? 0 : 1) ? ["has another cdrom or floppy"] : []),
    ...partsOf("disks", diskElementsOf(ours), diskElementsOf(seen), { written: ["driver"], foreign: OF_A_DISK }),
    ...partsOf("networkInterfaces", interfaceElementsOf(ours), interfaceElementsOf(seen), {
      written: ["model"],
      foreign: OF_AN_INTERFACE,
    }),
  ];
}
