import { element, parseXml, text, textAt } from "./xml";

/** Pools and volumes as libvirt's XML, and what of a volume is read back. */

export const poolXml = (name: string, path: string): string =>
  element("pool", { type: "dir" }, [
    element("name", {}, [text(name)]),
    element("target", {}, [element("path", {}, [text(path)])]),
  ]);

export interface VolumeShape {
  readonly name: string;
  readonly format: "qcow2" | "raw";
  readonly bytes: number;
  /** Path of a qcow2 file. */
  readonly backing?: string;
}

const formatElement = (type: string): string => element("format", { type });

export const volumeXml = ({ name, format, bytes, backing }: VolumeShape): string =>
  element("volume", {}, [
    element("name", {}, [text(name)]),
    element("capacity", { unit: "bytes" }, [text(bytes)]),
    element("target", {}, [formatElement(format)]),
    backing === undefined
      ? undefined
      : element("backingStore", {}, [element("path", {}, [text(backing)]), formatElement("qcow2")]),
  ]);

/** From `virsh vol-dumpxml`, which gives bytes. */
export const seenCapacity = (xml: string): number => Number(textAt(parseXml(xml), "capacity"));
export const seenPoolPath = (xml: string): string => textAt(parseXml(xml), "target", "path");
