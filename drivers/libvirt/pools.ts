import { isOnThisMachine } from "../../plan/libvirt-uri";
import { poolUuid, poolXml, seenPoolPath } from "../../plan/libvirt/storage-xml";
import type { Mark } from "../../plan/mark";
import { CommandError } from "../errors";
import type { Virsh } from "../virsh";
import { againOnceStopped, onceFree } from "./busy-storage";
import { consolesIn } from "./console-volumes";
import { answer, fromXml, ifFound, infoField } from "./objects";
import { ForeignObject, isStacks, requireChangeable, requireOwn, requireStacks } from "./ownership";
import { MARK_VOLUME, readMark, writeMark } from "./pool-mark";

/**
 * Directory pools. libvirt keeps no metadata of them, so the mark is a small volume inside: that works on every host. Until
 * it is written, the pool's UUID, which the mark gives, says whose it is.
 */

export interface PoolState {
  readonly name: string;
  readonly uuid: string;
  readonly path: string;
  readonly active: boolean;
  /** Otherwise libvirt forgets it once it stops. */
  readonly persistent: boolean;
  readonly mark: Mark | undefined;
}

export const lookAtPool = (virsh: Virsh, name: string): Promise<PoolState | undefined> =>
  ifFound(() =>
    againOnceStopped(async () => {
      const info = await answer(virsh, "pool-info", name);
      const active = infoField(info, "State") === "running";
      return {
        name: infoField(info, "Name"),
        uuid: infoField(info, "UUID"),
        path: seenPoolPath(await answer(virsh, "pool-dumpxml", name)),
        active,
        persistent: infoField(info, "Persistent") === "yes",
        mark: active ? await readMark(virsh, name) : undefined,
      };
    }),
  );

/** The same folder may be another stack's pool in another libvirt: whoever marked it keeps it. */
async function requireOwnFolder(virsh: Virsh, name: string, path: string, mark: Mark): Promise<void> {
  const found = await readMark(virsh, name);
  if (found !== undefined) requireStacks(`the pool in ${path}`, found, mark, "changed");
}

/** Only a running pool can tell whose it is, unless its UUID does. */
const isByUuid = ({ uuid }: PoolState, mark: Mark | undefined): boolean =>
  mark !== undefined && uuid === poolUuid(mark);

/** `id`: the UUID that a state has of one that is made again. */
export async function makePool(
  virsh: Virsh,
  name: string,
  path: string,
  mark: Mark | undefined,
  id: string | undefined = mark && poolUuid(mark),
): Promise<PoolState> {
  const there = await lookAtPool(virsh, name);
  if (there !== undefined && !isByUuid(there, mark)) requireOwn(`pool ${name}`, there.mark, mark);
  if (there !== undefined && there.path !== path) await forget(virsh, name, there, mark);
  const isDefined = there?.path === path;
  if (!isDefined) await fromXml(virsh, "pool-define", poolXml(name, path, id));
  try {
    if (!isDefined || !there.active) {
      await virsh.run(["pool-build", name]);
      await virsh.run(["pool-start", name]);
    }
    if (!isDefined && mark !== undefined) await requireOwnFolder(virsh, name, path, mark);
    if (mark !== undefined && there?.mark === undefined) await writeMark(virsh, name, mark);
  } catch (error) {
    const half = await lookAtPool(virsh, name).catch(() => undefined);
    if (!isDefined && half !== undefined) await forget(virsh, name, half, mark).catch(() => undefined);
    throw error;
  }
  const made = await lookAtPool(virsh, name);
  if (made === undefined) throw new Error(`pool ${name} vanished while it was made`);
  return made;
}

export const startPool = async (virsh: Virsh, name: string): Promise<void> => {
  if ((await lookAtPool(virsh, name))?.active === true) return;
  await virsh.run(["pool-build", name]); // its directory may be gone
  await virsh.run(["pool-start", name]);
};

/** Makes a pool what it was: kept, at its folder, running, with its mark. */
export async function restorePool(
  virsh: Virsh,
  name: string,
  path: string,
  { id, mark }: { readonly id: string; readonly mark: Mark | undefined },
): Promise<void> {
  const there = await lookAtPool(virsh, name);
  if (there === undefined) return void (await makePool(virsh, name, path, mark, id));
  // A stopped one cannot tell its mark, and one whose mark was removed gets it again.
  requireChangeable(`pool ${name}`, there, { mark, claim: id });
  if (there.path !== path) {
    // What lies in the other folder is not ours.
    if (there.active) await virsh.run(["pool-destroy", name]);
    await ifFound(() => virsh.run(["pool-undefine", name]));
    return void (await makePool(virsh, name, path, mark, id));
  }
  if (!there.persistent) await fromXml(virsh, "pool-define", poolXml(name, path, there.uuid));
  await startPool(virsh, name);
  if (mark !== undefined && (await readMark(virsh, name)) === undefined) await writeMark(virsh, name, mark);
}

/** The pool and its mark; its directory only when nothing else is in it: what others put there stays, their mark too. */
async function forget(virsh: Virsh, name: string, there: PoolState, mark: Mark | undefined): Promise<void> {
  if (there.active) {
    if (there.mark === undefined || isStacks(there.mark, mark))
      await ifFound(() => virsh.run(["vol-delete", "--pool", name, MARK_VOLUME]));
    await onceFree(virsh, ["pool-destroy", name]);
    // One that libvirt does not keep went by being stopped.
    await ifFound(() => virsh.run(["pool-delete", name])).catch((error: unknown) => {
      if (!(error instanceof CommandError)) throw error;
    });
  }
  await ifFound(() => virsh.run(["pool-undefine", name]));
}

/** Consoles of machines that are gone already: no resource, and in the way of the folder's end. */
async function removeConsoles(virsh: Virsh, pool: string): Promise<void> {
  await onceFree(virsh, ["pool-refresh", pool]);
  for (const name of await consolesIn(virsh, pool)) {
    await ifFound(() => virsh.run(["vol-delete", name, "--pool", pool]));
  }
}

export async function removePool(
  virsh: Virsh,
  name: string,
  { mark, id }: { readonly mark: Mark | undefined; readonly id: string },
): Promise<void> {
  let there = await lookAtPool(virsh, name);
  if (there === undefined) return;
  if (!there.active && there.uuid === id) {
    await virsh.run(["pool-start", name]).catch(() => undefined); // its directory may be gone
    there = (await lookAtPool(virsh, name)) ?? there;
  }
  if (there.mark !== undefined) requireStacks(`pool ${name}`, there.mark, mark, "removed");
  else if (there.uuid !== id) throw new ForeignObject(`pool ${name}`, undefined, "removed");
  if (there.active && there.mark !== undefined && !isOnThisMachine(virsh.uri)) await removeConsoles(virsh, name);
  await forget(virsh, name, there, mark);
}
