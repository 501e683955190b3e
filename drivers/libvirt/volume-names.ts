import type { Virsh } from "../virsh";
import { linesOf } from "./objects";

/** Of all that libvirt knows in a pool. */
export const volumeNames = async (virsh: Virsh, pool: string): Promise<readonly string[]> =>
  (await linesOf(virsh, "vol-list", pool)).map((line) => line.split(/\s{2,}/)[0] ?? line);
