import { basename, dirname } from "node:path";
import { isOnThisMachine } from "../../plan/libvirt-uri";
import type { VolumeInputs } from "../../plan/libvirt/inputs";
import { seenVolume, type SeenVolume } from "../../plan/libvirt/storage-xml";
import { CommandError } from "../errors";
import type { Virsh } from "../virsh";
import { presenceOf } from "../visible-files";
import { answer, ifFound } from "./objects";
import { poolAt } from "./pool-names";

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
  const pool = await poolAt(virsh, dirname(path));
  if (pool !== undefined) return (await findVolume(virsh, basename(path), pool)) === undefined;
  return isOnThisMachine(virsh.uri) && presenceOf(path) === "gone";
}

/** The path below an overlay. */
export async function backingOf(virsh: Virsh, inputs: VolumeInputs): Promise<string | undefined> {
  const { baseFile, baseVolumeId, baseVolumeName, baseVolumePool, pool } = inputs;
  if (baseFile !== undefined || baseVolumeId !== undefined) return baseFile ?? baseVolumeId;
  if (baseVolumeName === undefined) return undefined;
  return answer(virsh, "vol-path", baseVolumeName, "--pool", baseVolumePool ?? pool);
}
