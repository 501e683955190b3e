import { statSync } from "node:fs";
import type { VolumeInputs } from "../../plan/libvirt/inputs";
import { isLarger } from "../../plan/libvirt/volume-size";
import { QCOW2_HEADER_BYTES, virtualSize } from "../../plan/qcow2-header";
import { ReplikubeError } from "../errors";
import { firstBytes } from "../first-bytes";

/** A file of this machine that a volume is made of. */

/** Bytes of the volume, before anything is copied: libvirt would take a file that is too large for it, and make the volume larger. */
export function sizeFor({ name, format, size }: VolumeInputs, source: string): number {
  const found = statSync(source, { throwIfNoEntry: false });
  if (found === undefined) {
    throw new ReplikubeError(
      `host: volume ${name}: there is no file ${source} on this machine\nnext: look at the volume's property source`,
    );
  }
  if (size === undefined) return found.size;
  const inside = virtualSize(firstBytes(source, QCOW2_HEADER_BYTES)) ?? found.size;
  if (!isLarger(inside, { format, size })) return size;
  throw new ReplikubeError(
    `host: volume ${name}: its size of ${size} bytes is smaller than the ${inside} of ${source}; it was not made\nnext: look at the volume's property size`,
  );
}
