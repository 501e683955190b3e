import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { contentMark, contentMarksOf, volumeWith } from "../../plan/libvirt/shared-copy";
import type { Virsh } from "../virsh";
import { ifOn } from "./busy-storage";
import { fromXml, ifFound } from "./objects";
import { poolNames } from "./pool-names";
import { volumeNames } from "./volume-names";

/** What is once on a libvirt host need not go over the line again: another stack's copy of the same content is copied there. */

export interface SharedCopy {
  readonly pool: string;
  readonly name: string;
}

export async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

/** In whatever running pool; one that its stack stops at this moment has none. */
export async function findSharedCopy(virsh: Virsh, digest: string): Promise<SharedCopy | undefined> {
  for (const pool of await poolNames(virsh)) {
    const name = volumeWith(digest, (await ifOn(() => volumeNames(virsh, pool))) ?? []);
    if (name !== undefined) return { pool, name };
  }
  return undefined;
}

/** By libvirt itself, on its host. */
export const copyOnHost = (virsh: Virsh, xml: string, pool: string, copy: SharedCopy): Promise<void> =>
  fromXml(virsh, "vol-create-from", xml, "--pool", pool, "--vol", copy.name, "--inputpool", copy.pool, "--file");

/** Only for what is whole. */
export const markContent = (virsh: Virsh, { pool, name }: SharedCopy, digest: string): Promise<unknown> =>
  virsh.run(["vol-create-as", pool, contentMark(name, digest), "1b", "--format", "raw"]);

/** Before the volume itself goes: nobody begins to copy it then. */
export async function unmarkContent(virsh: Virsh, { pool, name }: SharedCopy): Promise<void> {
  for (const mark of contentMarksOf(name, await volumeNames(virsh, pool))) {
    await ifFound(() => virsh.run(["vol-delete", mark, "--pool", pool]));
  }
}
