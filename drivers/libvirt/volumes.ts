import { existsSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { isOnThisMachine } from "../../plan/libvirt-uri";
import type { VolumeInputs } from "../../plan/libvirt/inputs";
import { volumeRefusable } from "../../plan/libvirt/refused-property";
import { seenPoolPath, seenVolume, volumeXml, type SeenVolume } from "../../plan/libvirt/storage-xml";
import type { Mark } from "../../plan/mark";
import { CommandError, ReplikubeError } from "../errors";
import { NotFound, type Virsh } from "../virsh";
import { answer, fromXml, ifFound } from "./objects";
import { requireStacks } from "./ownership";
import { tellingProperty } from "./refusal";
import { switchOff } from "./domain-stop";
import { lookAtDomain } from "./domains";
import { lookAtPool } from "./pools";
import { uploadVolume, type Say } from "./volume-upload";

/** Volumes of a pool. Whose one is, is whose its pool is. */

export interface VolumeState extends SeenVolume {
  /** Also its id. */
  readonly path: string;
}

export const lookAtVolume = (virsh: Virsh, name: string, pool: string): Promise<VolumeState | undefined> =>
  ifFound(async () => ({
    path: await answer(virsh, "vol-path", name, "--pool", pool),
    ...seenVolume(await answer(virsh, "vol-dumpxml", name, "--pool", pool)),
  }));

const looking = new Map<string, Promise<void>>();

/** libvirt remembers what was in a pool, and what lies below its overlays, until it is told to look. Many who ask at once get one look. */
async function lookAnew(virsh: Virsh, pool: string): Promise<void> {
  const key = `${virsh.uri} ${pool}`;
  const look = (): Promise<void> =>
    ifFound(() => virsh.run(["pool-refresh", pool]))
      .then(() => undefined)
      .catch((error: unknown) => {
        if (!(error instanceof CommandError)) throw error; // stopped, or busy with a volume that is made: what it knows has to do
      })
      .finally(() => looking.delete(key));
  const running = looking.get(key) ?? look();
  looking.set(key, running);
  return running;
}

export async function findVolume(virsh: Virsh, name: string, pool: string): Promise<VolumeState | undefined> {
  await lookAnew(virsh, pool);
  return lookAtVolume(virsh, name, pool);
}

/** A running pool at its folder knows; without one the file itself does, where it can be looked at. */
export async function isVolumeGone(virsh: Virsh, path: string): Promise<boolean> {
  const pools = (await answer(virsh, "pool-list", "--name")).split("\n").map((line) => line.trim());
  for (const pool of pools.filter((name) => name !== "")) {
    const folder = await ifFound(async () => seenPoolPath(await answer(virsh, "pool-dumpxml", pool)));
    if (folder === dirname(path)) return (await findVolume(virsh, basename(path), pool)) === undefined;
  }
  return isOnThisMachine(virsh.uri) && !existsSync(path);
}

/** The path below an overlay. */
export async function backingOf(virsh: Virsh, inputs: VolumeInputs): Promise<string | undefined> {
  const { baseFile, baseVolumeId, baseVolumeName, baseVolumePool, pool } = inputs;
  if (baseFile !== undefined || baseVolumeId !== undefined) return baseFile ?? baseVolumeId;
  if (baseVolumeName === undefined) return undefined;
  return answer(virsh, "vol-path", baseVolumeName, "--pool", baseVolumePool ?? pool);
}

/** An existing one in the stack's own pool is a creation that was killed: no machine has it yet, so it is made anew. */
async function clear(virsh: Virsh, { name, pool }: VolumeInputs, mark: Mark | undefined): Promise<void> {
  const there = await lookAtVolume(virsh, name, pool);
  if (there === undefined) return;
  const owner = (await lookAtPool(virsh, pool))?.mark;
  if (mark === undefined || owner === undefined) {
    throw new ReplikubeError(
      `host: volume ${name} exists already in pool ${pool}, and it is not known whose it is; it was not touched\nnext: choose another name, or remove it: virsh vol-delete ${name} --pool ${pool}`,
    );
  }
  requireStacks(`volume ${name} in pool ${pool}`, owner, mark, "removed");
  const user = await runningUser(virsh, there.path);
  if (user !== undefined) {
    throw new ReplikubeError(
      `host: volume ${name} exists already in pool ${pool} and is a disk of domain ${user}, which runs; it was not touched\nnext: is there another volume of that name in the program? Else: virsh destroy ${user}`,
    );
  }
  await virsh.run(["vol-delete", name, "--pool", pool]);
}

function sizeOf(name: string, source: string): number {
  const found = statSync(source, { throwIfNoEntry: false });
  if (found !== undefined) return found.size;
  throw new ReplikubeError(
    `host: volume ${name}: there is no file ${source} on this machine\nnext: look at the volume's property source`,
  );
}

export async function makeVolume(
  virsh: Virsh,
  inputs: VolumeInputs,
  mark: Mark | undefined,
  say: Say = async () => undefined,
): Promise<VolumeState> {
  const { name, pool, format, source, size } = inputs;
  await clear(virsh, inputs, mark);
  const telling = <T>(work: () => Promise<T>): Promise<T> => tellingProperty("volume", volumeRefusable(inputs), work);
  const backing = await telling(() => backingOf(virsh, inputs));
  const bytes = size ?? (source === undefined ? 0 : sizeOf(name, source));
  const shape = { name, format, bytes, isEmpty: source !== undefined, ...(backing !== undefined && { backing }) };
  await telling(async () => {
    try {
      await fromXml(virsh, "vol-create", volumeXml(shape), pool);
    } catch (error) {
      if (!(error instanceof NotFound)) throw error;
      const next =
        "look at the volume's property pool; if it was there once, pulumi refresh and pulumi up make it again";
      throw new ReplikubeError(`host: volume ${name}: there is no pool ${pool} on ${virsh.uri}\nnext: ${next}`);
    }
  });
  if (source !== undefined) {
    try {
      await uploadVolume(virsh, { name, pool, source }, say);
    } catch (error) {
      await virsh.run(["vol-delete", name, "--pool", pool]).catch(() => undefined);
      throw error;
    }
  }
  let made = await lookAtVolume(virsh, name, pool);
  if (made !== undefined && source !== undefined && size !== undefined && made.bytes < size) {
    // What was uploaded brought its own size.
    await growVolume(virsh, name, pool, size);
    made = { ...made, bytes: size };
  }
  if (made === undefined) throw new Error(`volume ${name} vanished while it was made`);
  return made;
}

/** QEMU alone may change the disk of a machine that runs. */
async function runningUser(virsh: Virsh, path: string): Promise<string | undefined> {
  const names = (await answer(virsh, "list", "--name")).split("\n").filter((name) => name !== "");
  for (const name of names) {
    const blocks = (await ifFound(() => answer(virsh, "domblklist", name))) ?? "";
    if (blocks.split("\n").some((line) => line.trim().endsWith(` ${path}`))) return name;
  }
  return undefined;
}

export async function growVolume(virsh: Virsh, name: string, pool: string, bytes: number): Promise<void> {
  const path = await answer(virsh, "vol-path", name, "--pool", pool);
  const user = await runningUser(virsh, path);
  if (user === undefined) await virsh.run(["vol-resize", name, `${bytes}b`, "--pool", pool]);
  else await virsh.run(["blockresize", user, path, `${bytes}b`]);
}

export async function removeVolume(virsh: Virsh, name: string, pool: string, mark: Mark | undefined): Promise<void> {
  const there = await lookAtVolume(virsh, name, pool);
  if (there === undefined) return;
  const owner = (await lookAtPool(virsh, pool))?.mark;
  if (owner !== undefined) requireStacks(`volume ${name} in pool ${pool}`, owner, mark, "removed");
  // Its domain goes before it, so one that still runs is the rest of a killed creation, or another's.
  const user = await runningUser(virsh, there.path);
  if (user !== undefined) {
    const found = (await lookAtDomain(virsh, user))?.mark;
    requireStacks(`domain ${user}, which has volume ${name} as its disk,`, found, mark, "changed");
    await switchOff(virsh, user);
  }
  await virsh.run(["vol-delete", name, "--pool", pool]);
}
