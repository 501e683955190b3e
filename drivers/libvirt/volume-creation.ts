import { basename } from "node:path";
import type { VolumeInputs } from "../../plan/libvirt/inputs";
import { volumeRefusable } from "../../plan/libvirt/refused-property";
import { volumeXml } from "../../plan/libvirt/storage-xml";
import type { Mark } from "../../plan/mark";
import { ReplikubeError } from "../errors";
import { NotFound, type Virsh } from "../virsh";
import { ifOn } from "./busy-storage";
import { fromXml, ifFound } from "./objects";
import { requireStacks } from "./ownership";
import { lookAtPool } from "./pools";
import { tellingProperty } from "./refusal";
import { copyOnHost, digestOf, findSharedCopy, markContent, unmarkContent } from "./shared-copies";
import { deleteVolume, growVolume, runningUser } from "./volume-changes";
import { requirePoolFor } from "./volume-pool";
import { sizeFor } from "./volume-source";
import { UPLOAD_SECONDS, uploadVolume, type Say } from "./volume-upload";
import { backingOf, lookAtVolume, type VolumeState } from "./volumes";

/** Volumes are made whole or not at all. */

/** An existing one in the stack's own pool is a creation that was killed: no machine has it yet, so it is made anew. */
async function clear(virsh: Virsh, { name, pool }: VolumeInputs, mark: Mark | undefined): Promise<void> {
  const there = await lookAtVolume(virsh, name, pool);
  // Who removed it by hand may have left the name that says what was in it.
  if (there === undefined) return ifFound(() => unmarkContent(virsh, { name, pool }));
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
  await deleteVolume(virsh, name, pool);
}

interface Filling {
  readonly name: string;
  readonly pool: string;
  readonly source: string;
  /** XML of the volume while nothing is in it. */
  readonly xml: string;
  readonly deadlineSeconds: number;
}

export interface Making {
  readonly say?: Say;
  /** The resource's own time-out. 0: none. */
  readonly timeoutSeconds?: number;
}

async function upload(virsh: Virsh, { xml, ...to }: Filling, say: Say): Promise<void> {
  await fromXml(virsh, "vol-create", xml, to.pool);
  try {
    await uploadVolume(virsh, to, say);
  } catch (error) {
    await virsh.run(["vol-delete", to.name, "--pool", to.pool]).catch(() => undefined);
    throw error;
  }
}

/** Over the line only what no stack has there. */
async function share(virsh: Virsh, filling: Filling, say: Say): Promise<void> {
  const { name, pool, source, xml } = filling;
  const digest = await digestOf(source);
  const copy = await findSharedCopy(virsh, digest);
  // Its stack may be destroyed at this moment.
  const from = copy && (await ifOn(() => copyOnHost(virsh, xml, pool, copy).then(() => copy.pool)));
  if (from === undefined) await upload(virsh, filling, say);
  else await say(`${basename(source)}: was on the host, copied there from pool ${from}`, { ephemeral: false });
  await markContent(virsh, { pool, name }, digest);
}

export async function makeVolume(
  virsh: Virsh,
  inputs: VolumeInputs,
  mark: Mark | undefined,
  { say = async () => undefined, timeoutSeconds = 0 }: Making = {},
): Promise<VolumeState> {
  const { name, pool, format, source, size, shared } = inputs;
  await requirePoolFor(virsh, inputs, mark);
  await clear(virsh, inputs, mark);
  const telling = <T>(work: () => Promise<T>): Promise<T> => tellingProperty("volume", volumeRefusable(inputs), work);
  const backing = await telling(() => backingOf(virsh, inputs));
  const bytes = source === undefined ? (size ?? 0) : sizeFor(inputs, source);
  const shape = { name, format, bytes, isEmpty: source !== undefined, ...(backing !== undefined && { backing }) };
  const xml = volumeXml(shape);
  const deadlineSeconds = timeoutSeconds > 0 ? timeoutSeconds : UPLOAD_SECONDS;
  await telling(async () => {
    try {
      if (source === undefined) await fromXml(virsh, "vol-create", xml, pool);
      else await (shared === true ? share : upload)(virsh, { name, pool, source, xml, deadlineSeconds }, say);
    } catch (error) {
      if (!(error instanceof NotFound)) throw error;
      const next =
        "look at the volume's property pool; if it was there once, pulumi refresh and pulumi up make it again";
      throw new ReplikubeError(`host: volume ${name}: there is no pool ${pool} on ${virsh.uri}\nnext: ${next}`);
    }
  });
  let made = await lookAtVolume(virsh, name, pool);
  if (made !== undefined && source !== undefined && size !== undefined && made.bytes < size) {
    // What was uploaded brought its own size.
    await growVolume(virsh, inputs, size);
    made = { ...made, bytes: size };
  }
  if (made === undefined) throw new Error(`volume ${name} vanished while it was made`);
  return made;
}
