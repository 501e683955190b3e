import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { poolXml, seenPoolPath } from "../../plan/libvirt/storage-xml";
import { markText, parseMark, type Mark } from "../../plan/mark";
import { withPrivateDirectory } from "../private-file";
import { NotFound, type Virsh } from "../virsh";
import { answer, fromXml, ifFound, infoField } from "./objects";
import { requireOwn, requireStacks } from "./ownership";

/** Directory pools. libvirt keeps no metadata of them, so the mark is a small volume inside: that works on every host. */

const MARK_VOLUME = "replikube-mark";

export interface PoolState {
  readonly uuid: string;
  readonly path: string;
  readonly active: boolean;
  readonly mark: Mark | undefined;
}

const withFile = <T>(work: (path: string) => Promise<T>): Promise<T> =>
  withPrivateDirectory(tmpdir(), (folder) => work(join(folder, "mark")));

const readMark = (virsh: Virsh, pool: string): Promise<Mark | undefined> =>
  withFile(async (file) => {
    const found = await ifFound(() => virsh.run(["vol-download", "--pool", pool, MARK_VOLUME, file]));
    return found === undefined ? undefined : parseMark(readFileSync(file, "utf8"));
  });

const writeMark = (virsh: Virsh, pool: string, mark: Mark): Promise<void> =>
  withFile(async (file) => {
    const text = `${markText(mark)}\n`;
    writeFileSync(file, text);
    await ifFound(() => virsh.run(["vol-delete", "--pool", pool, MARK_VOLUME]));
    await virsh.run(["vol-create-as", pool, MARK_VOLUME, `${Buffer.byteLength(text)}b`, "--format", "raw"]);
    await virsh.run(["vol-upload", "--pool", pool, MARK_VOLUME, file]);
  });

export const lookAtPool = (virsh: Virsh, name: string): Promise<PoolState | undefined> =>
  ifFound(async () => {
    const info = await answer(virsh, "pool-info", name);
    const active = infoField(info, "State") === "running";
    return {
      uuid: infoField(info, "UUID"),
      path: seenPoolPath(await answer(virsh, "pool-dumpxml", name)),
      active,
      mark: active ? await readMark(virsh, name) : undefined,
    };
  });

export async function makePool(virsh: Virsh, name: string, path: string, mark: Mark | undefined): Promise<PoolState> {
  let there = await lookAtPool(virsh, name);
  if (there !== undefined && !there.active && there.path === path) {
    // Only a running pool can tell whose it is; one that was killed before its mark was written is empty.
    await virsh.run(["pool-build", name]).catch(() => undefined);
    await virsh.run(["pool-start", name]);
    there = await lookAtPool(virsh, name);
  }
  const halfMade = there !== undefined && there.mark === undefined && (await isEmpty(virsh, name));
  if (there !== undefined && !(halfMade && there.path === path)) requireOwn(`pool ${name}`, there.mark, mark);
  if (there === undefined) {
    await fromXml(virsh, "pool-define", poolXml(name, path));
    try {
      await virsh.run(["pool-build", name]);
      await virsh.run(["pool-start", name]);
    } catch (error) {
      await virsh.run(["pool-undefine", name]).catch(() => undefined);
      throw error;
    }
  }
  if (mark !== undefined && there?.mark === undefined) await writeMark(virsh, name, mark);
  const made = await lookAtPool(virsh, name);
  if (made === undefined) throw new Error(`pool ${name} vanished while it was made`);
  return made;
}

const isEmpty = async (virsh: Virsh, name: string): Promise<boolean> =>
  (await answer(virsh, "vol-list", name)).split("\n").filter((line) => line.trim() !== "").length === 0;

export const startPool = async (virsh: Virsh, name: string): Promise<void> => {
  await virsh.run(["pool-start", name]);
};

export async function removePool(virsh: Virsh, name: string, mark: Mark | undefined): Promise<void> {
  let there = await lookAtPool(virsh, name);
  if (there === undefined) return;
  if (!there.active) {
    await virsh.run(["pool-start", name]).catch(() => undefined); // its directory may be gone
    there = (await lookAtPool(virsh, name)) ?? there;
  }
  if (there.active) {
    if (!(await isEmpty(virsh, name))) requireStacks(`pool ${name}`, there.mark, mark);
    await ifFound(() => virsh.run(["vol-delete", "--pool", name, MARK_VOLUME]));
    await virsh.run(["pool-destroy", name]);
    // Only an empty directory goes: what others put there stays.
    await virsh.run(["pool-delete", name]).catch((error: unknown) => {
      if (error instanceof NotFound) throw error;
    });
  }
  await virsh.run(["pool-undefine", name]);
}
