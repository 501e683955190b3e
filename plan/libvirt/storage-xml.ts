import { createHash } from "node:crypto";
import { markText, type Mark } from "../mark";
import { allAt, element, parseXml, text, textAt } from "./xml";

/** Pools and volumes as libvirt's XML, and what of a volume is read back. */

/** libvirt keeps no metadata of pools, but the UUID that it is given: of a marked pool it says whose that is. */
export function poolUuid(mark: Mark): string {
  const digits = createHash("sha256")
    .update(`pool/${markText(mark)}`)
    .digest("hex");
  // The version and variant of a UUID that was made of a name, RFC 9562.
  const groups = [digits.slice(0, 8), digits.slice(8, 12), `8${digits.slice(13, 16)}`, `8${digits.slice(17, 20)}`];
  return [...groups, digits.slice(20, 32)].join("-");
}

export const poolXml = (name: string, path: string, uuid: string | undefined): string =>
  element("pool", { type: "dir" }, [
    element("name", {}, [text(name)]),
    uuid === undefined ? undefined : element("uuid", {}, [uuid]),
    element("target", {}, [element("path", {}, [text(path)])]),
  ]);

export interface VolumeShape {
  readonly name: string;
  readonly format: "qcow2" | "raw";
  readonly bytes: number;
  /** Path of a qcow2 file. */
  readonly backing?: string;
  /** Its content comes later, and takes its place then; libvirt would write all of it with zeros first. */
  readonly isEmpty?: boolean;
}

const formatElement = (type: string): string => element("format", { type });

export const volumeXml = ({ name, format, bytes, backing, isEmpty = false }: VolumeShape): string =>
  element("volume", {}, [
    element("name", {}, [text(name)]),
    element("capacity", { unit: "bytes" }, [text(bytes)]),
    isEmpty ? element("allocation", { unit: "bytes" }, [text(0)]) : undefined,
    element("target", {}, [formatElement(format)]),
    backing === undefined
      ? undefined
      : element("backingStore", {}, [element("path", {}, [text(backing)]), formatElement("qcow2")]),
  ]);

export interface SeenVolume {
  readonly bytes: number;
  readonly format: string;
  /** Absent: it is no overlay. */
  readonly backing?: string;
}

/** From `virsh vol-dumpxml`, which gives bytes. */
export function seenVolume(xml: string): SeenVolume {
  const root = parseXml(xml);
  const backing = textAt(root, "backingStore", "path");
  return {
    bytes: Number(textAt(root, "capacity")),
    format: allAt(root, "target", "format")[0]?.attributes["type"] ?? "raw",
    ...(backing !== "" && { backing }),
  };
}

/** What of it is written, while it is uploaded: how far that is. */
export const seenAllocation = (xml: string): number => Number(textAt(parseXml(xml), "allocation"));
export const seenPoolPath = (xml: string): string => textAt(parseXml(xml), "target", "path");
