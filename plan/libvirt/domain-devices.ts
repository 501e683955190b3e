import type { DomainInputs } from "./inputs";
import { element, type Child } from "./xml";

/** The devices of a domain as libvirt's XML. */

/** What only the libvirt host can tell. */
export interface DomainSurroundings {
  /** Formats of volumes, by path. */
  readonly formats: Readonly<Record<string, string>>;
  /** By UUID. */
  readonly networkNames: Readonly<Record<string, string>>;
}

export const GUEST_AGENT = "org.qemu.guest_agent.0";

/** Names of disks in the guest, by their order. */
export const deviceName = (index: number): string => `vd${String.fromCharCode("a".charCodeAt(0) + index)}`;

/** By the file's name, for what libvirt knows nothing of. */
const formatByName = (path: string): string => (path.endsWith(".qcow2") ? "qcow2" : "raw");

/** A flush of the guest reaches the host's disk, whatever libvirt's default becomes. */
const driverElement = (type: string): string => element("driver", { name: "qemu", type, cache: "writeback" });

export const pathOfDisk = ({ volumeId, file }: DomainInputs["disks"][number]): string | undefined => volumeId ?? file;

function diskElement(
  disk: DomainInputs["disks"][number],
  index: number,
  formats: Readonly<Record<string, string>>,
): string {
  const { blockDevice } = disk;
  const target = element("target", { dev: deviceName(index), bus: "virtio" });
  if (blockDevice !== undefined) {
    return element("disk", { type: "block", device: "disk" }, [
      driverElement("raw"),
      element("source", { dev: blockDevice }),
      target,
    ]);
  }
  const path = pathOfDisk(disk) ?? "";
  const driver = driverElement(formats[path] ?? formatByName(path));
  return element("disk", { type: "file", device: "disk" }, [driver, element("source", { file: path }), target]);
}

const cloudInitElement = (path: string): string =>
  element("disk", { type: "file", device: "cdrom" }, [
    element("driver", { name: "qemu", type: "raw" }),
    element("source", { file: path }),
    element("target", { dev: "sda", bus: "sata" }),
    "<readonly/>",
  ]);

function interfaceElement(
  { networkId = "", networkName, bridge, mac }: DomainInputs["networkInterfaces"][number],
  networkNames: Readonly<Record<string, string>>,
): string {
  const source = bridge === undefined ? { network: networkName ?? networkNames[networkId] ?? networkId } : { bridge };
  return element("interface", { type: bridge === undefined ? "network" : "bridge" }, [
    mac === undefined ? undefined : element("mac", { address: mac }),
    element("source", source),
    element("model", { type: "virtio" }),
  ]);
}

function consoleElement({ type, targetPort, targetType, sourcePath }: DomainInputs["consoles"][number]): string {
  // Appended: what a guest said before it was restarted is worth keeping.
  const source = sourcePath === undefined ? undefined : element("source", { path: sourcePath, append: "on" });
  return targetType === "serial"
    ? element("serial", { type }, [source, element("target", { port: targetPort })])
    : element("console", { type }, [source, element("target", { type: "virtio", port: targetPort })]);
}

export const deviceElements = (
  inputs: DomainInputs,
  { formats, networkNames }: DomainSurroundings,
): readonly Child[] => [
  ...inputs.disks.map((disk, index) => diskElement(disk, index, formats)),
  inputs.cloudinit === undefined ? undefined : cloudInitElement(inputs.cloudinit),
  ...inputs.networkInterfaces.map((each) => interfaceElement(each, networkNames)),
  ...inputs.consoles.map(consoleElement),
  inputs.qemuAgent
    ? element("channel", { type: "unix" }, [element("target", { type: "virtio", name: GUEST_AGENT })])
    : undefined,
  element("rng", { model: "virtio" }, [element("backend", { model: "random" }, ["/dev/urandom"])]),
  element("memballoon", { model: "none" }),
];
