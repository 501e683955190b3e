import { closeSync, openSync, readSync, statSync } from "node:fs";
import type { VolumeInputs } from "../../plan/libvirt/inputs";
import { isLarger, QCOW2_HEADER_BYTES, virtualSize } from "../../plan/libvirt/volume-size";
import { ReplikubeError } from "../errors";

/** A file of this machine that a volume is made of. */

function headerOf(file: string): Buffer {
  const opened = openSync(file, "r");
  try {
    const header = Buffer.alloc(QCOW2_HEADER_BYTES);
    return header.subarray(0, readSync(opened, header, 0, header.length, 0));
  } finally {
    closeSync(opened);
  }
}

/** Bytes of the volume, before anything is copied: libvirt would take a file that is too large for it, and make the volume larger. */
export function sizeFor({ name, format, size }: VolumeInputs, source: string): number {
  const found = statSync(source, { throwIfNoEntry: false });
  if (found === undefined) {
    throw new ReplikubeError(
      `host: volume ${name}: there is no file ${source} on this machine\nnext: look at the volume's property source`,
    );
  }
  if (size === undefined) return found.size;
  const inside = virtualSize(headerOf(source)) ?? found.size;
  if (!isLarger(inside, { format, size })) return size;
  throw new ReplikubeError(
    `host: volume ${name}: its size of ${size} bytes is smaller than the ${inside} of ${source}; it was not made\nnext: look at the volume's property size`,
  );
}
