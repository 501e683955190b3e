import { deviceName, pathOfDisk, type DomainSurroundings } from "./domain-devices";
import type { DomainInputs } from "./inputs";
import { allAt, type XmlElement } from "./xml";

/**
 * Disks, interfaces and consoles of a definition in the words of our properties. What says the same as was wanted is the
 * wanted value itself, so that a comparison of both gives the exact paths of what does not.
 */

type Disk = DomainInputs["disks"][number];
type Interface = DomainInputs["networkInterfaces"][number];
type Console = DomainInputs["consoles"][number];

/** Stands for a device or a source that is not there. */
const NONE = "none";

const attribute = (from: XmlElement, child: string, name: string): string | undefined =>
  allAt(from, child)[0]?.attributes[name];

/** Whatever the kind of the disk: a file, a block device, or the name of something on a network. */
const sourceOf = (disk: XmlElement): string => {
  const { file, dev, name } = allAt(disk, "source")[0]?.attributes ?? {};
  return file ?? dev ?? name ?? NONE;
};

export const diskElementsOf = (root: XmlElement): readonly XmlElement[] =>
  allAt(root, "devices", "disk").filter(({ attributes }) => !["cdrom", "floppy"].includes(attributes["device"] ?? ""));

const asDisk = (wanted: Disk, found: XmlElement | undefined): Readonly<Record<string, string>> | Disk => {
  const path = found === undefined ? NONE : sourceOf(found);
  if (path === (wanted.blockDevice ?? pathOfDisk(wanted))) return wanted;
  const key = (["volumeId", "file", "blockDevice"] as const).find((each) => wanted[each] !== undefined) ?? "file";
  return { [key]: path };
};

export function seenDisks(wanted: readonly Disk[], root: XmlElement): readonly unknown[] {
  const found = diskElementsOf(root);
  const ours = wanted.map((_, index) => found.find((disk) => attribute(disk, "target", "dev") === deviceName(index)));
  const others = found.filter((disk) => !ours.includes(disk));
  return [
    ...wanted.map((disk, index) => asDisk(disk, ours[index])),
    ...others.map((disk) => ({ file: sourceOf(disk) })),
  ];
}

export function seenCloudInit(root: XmlElement): string | undefined {
  const found = allAt(root, "devices", "disk").find(({ attributes }) => attributes["device"] === "cdrom");
  return found === undefined ? undefined : sourceOf(found);
}

/** By path, as the definition has it. */
export const seenFormats = (root: XmlElement): Readonly<Record<string, string>> =>
  Object.fromEntries(diskElementsOf(root).map((disk) => [sourceOf(disk), attribute(disk, "driver", "type") ?? "raw"]));

function asInterface(
  wanted: Interface | undefined,
  found: XmlElement,
  networkNames: Readonly<Record<string, string>>,
): Interface {
  const mac = attribute(found, "mac", "address");
  const { network, bridge } = allAt(found, "source")[0]?.attributes ?? {};
  if (wanted === undefined)
    return network === undefined ? { bridge: bridge ?? NONE, mac } : { networkName: network, mac };
  const { networkId } = wanted;
  // Of a network that is gone the name is not known; the network itself tells that.
  const expected = networkId === undefined ? wanted.networkName : (networkNames[networkId] ?? network);
  const sameSource = wanted.bridge === undefined ? network === expected : bridge === wanted.bridge;
  const source = network ?? bridge ?? NONE;
  const key = (["networkId", "networkName", "bridge"] as const).find((each) => wanted[each] !== undefined) ?? "bridge";
  return {
    ...wanted,
    ...(!sameSource && { [key]: source }),
    ...(wanted.mac !== undefined && wanted.mac.toLowerCase() !== mac?.toLowerCase() && { mac }),
  };
}

export const interfaceElementsOf = (root: XmlElement): readonly XmlElement[] => allAt(root, "devices", "interface");

export const seenInterfaces = (
  wanted: readonly Interface[],
  root: XmlElement,
  { networkNames }: DomainSurroundings,
): readonly unknown[] =>
  interfaceElementsOf(root).map((found, index) => asInterface(wanted[index], found, networkNames));

/** By position; of a guest that runs on networks of libvirt's. Older libvirts tell none. */
export const portsOf = (root: XmlElement): readonly ({ readonly network: string; readonly id: string } | undefined)[] =>
  interfaceElementsOf(root).map((found) => {
    const { network, portid } = allAt(found, "source")[0]?.attributes ?? {};
    return network === undefined || portid === undefined ? undefined : { network, id: portid };
  });

/** libvirt numbers ports itself, and shows the first serial device as a console too. */
export function seenConsoles(wanted: readonly Console[], root: XmlElement): readonly unknown[] {
  const virtio = allAt(root, "devices", "console").filter((each) => attribute(each, "target", "type") === "virtio");
  const left = { serial: [...allAt(root, "devices", "serial")], virtio };
  const asConsole = (console: Console): unknown => {
    const found = left[console.targetType].shift();
    if (found === undefined) return { ...console, type: NONE };
    const { type } = found.attributes;
    const path = attribute(found, "source", "path");
    const samePath = console.sourcePath === undefined || console.sourcePath === path;
    return type === console.type && samePath ? console : { ...console, type, ...(!samePath && { sourcePath: path }) };
  };
  const ours = wanted.map(asConsole);
  const others = Object.entries(left).flatMap(([targetType, found]) =>
    found.map(({ attributes }) => ({ type: attributes["type"], targetType })),
  );
  return [...ours, ...others];
}
