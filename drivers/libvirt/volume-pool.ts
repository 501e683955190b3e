import { dirname } from "node:path/posix";
import { ownerText, type Mark } from "../../plan/mark";
import { CommandError, ReplikubeError } from "../errors";
import { checkoutOf } from "../stack-records";
import type { Virsh } from "../virsh";
import { ifOn } from "./busy-storage";
import { ForeignObject, isStacks, requireStacks } from "./ownership";
import { FILE_IS_GONE, readMark } from "./pool-mark";
import { lookAtPool, type PoolState } from "./pools";

/** The pool that a volume lies in: its mark says whose the volume is. */

export interface VolumePlace {
  readonly name: string;
  readonly pool: string;
  /** Where the state has it. */
  readonly path?: string;
}

const markOfPool = (virsh: Virsh, pool: string): Promise<Mark | undefined> => ifOn(() => readMark(virsh, pool));

/** What was made in another's pool could never be removed. */
export async function requirePoolFor(virsh: Virsh, { name, pool }: VolumePlace, mark: Mark | undefined): Promise<void> {
  const owner = await markOfPool(virsh, pool);
  if (owner === undefined || isStacks(owner, mark)) return;
  const whose = ownerText(owner, checkoutOf(owner.stackId));
  const properties = mark === undefined ? "properties pool and stackId" : "property pool";
  throw new ReplikubeError(
    `host: volume ${name}: pool ${pool} is ${whose}; nothing was made in it\nnext: look at the volume's ${properties}`,
  );
}

/** What is in a pool that nobody marked may be changed by whoever's state has it. */
export async function requireChangeableIn(
  virsh: Virsh,
  { name, pool }: VolumePlace,
  mark: Mark | undefined,
): Promise<void> {
  const owner = await markOfPool(virsh, pool);
  if (owner !== undefined) requireStacks(`volume ${name} in pool ${pool}`, owner, mark, "changed");
}

/** False when its folder is gone. Who starts it at the same time is another volume of it. */
async function startAsItIs(virsh: Virsh, pool: string): Promise<boolean> {
  try {
    await virsh.run(["pool-start", pool]);
    return true;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    if (FILE_IS_GONE.test(error.output)) return false;
    if ((await lookAtPool(virsh, pool))?.active !== true) throw error;
    return true;
  }
}

/**
 * The pool to remove a volume from; undefined when it is gone. A stopped one hands nothing out and cannot tell its mark: one whose
 * folder has the volume is started, and stopped again when it is another's.
 */
export async function poolToRemoveFrom(
  virsh: Virsh,
  { name, pool, path }: VolumePlace,
  mark: Mark | undefined,
): Promise<PoolState | undefined> {
  const found = await lookAtPool(virsh, pool);
  if (found === undefined || found.active || path === undefined || dirname(path) !== found.path) return found;
  if (!(await startAsItIs(virsh, pool))) return undefined;
  const woken = await lookAtPool(virsh, pool);
  if (woken?.mark === undefined || isStacks(woken.mark, mark)) return woken;
  await virsh.run(["pool-destroy", pool]);
  throw new ForeignObject(`volume ${name} in pool ${pool}`, woken.mark, "removed");
}
