import { seenPoolPath } from "../../plan/libvirt/storage-xml";
import type { Virsh } from "../virsh";
import { answer, ifFound, linesOf } from "./objects";

/** Of those that run. */
export const poolNames = (virsh: Virsh): Promise<readonly string[]> => linesOf(virsh, "pool-list", "--name");

/** The running pool whose folder is `path`. */
export async function poolAt(virsh: Virsh, path: string): Promise<string | undefined> {
  for (const pool of await poolNames(virsh)) {
    const folder = await ifFound(async () => seenPoolPath(await answer(virsh, "pool-dumpxml", pool)));
    if (folder === path) return pool;
  }
  return undefined;
}
