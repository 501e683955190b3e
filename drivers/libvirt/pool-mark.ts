import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { markText, parseMark, type Mark } from "../../plan/mark";
import { CommandError } from "../errors";
import { withPrivateDirectory } from "../private-file";
import type { Virsh } from "../virsh";
import { ifFound } from "./objects";

/** A pool's mark: a small volume inside. Only a running pool tells it. */

export const MARK_VOLUME = "replikube-mark";

const withFile = <T>(work: (path: string) => Promise<T>): Promise<T> =>
  withPrivateDirectory(tmpdir(), (folder) => work(join(folder, "mark")));

/** libvirt goes on listing the volumes of a pool whose directory somebody has removed. */
export const FILE_IS_GONE = /No such file or directory/;

export const readMark = (virsh: Virsh, pool: string): Promise<Mark | undefined> =>
  withFile(async (file) => {
    const found = await ifFound(() => virsh.run(["vol-download", "--pool", pool, MARK_VOLUME, file])).catch(
      (error: unknown) => {
        if (error instanceof CommandError && FILE_IS_GONE.test(error.output)) return undefined;
        throw error;
      },
    );
    return found === undefined ? undefined : parseMark(readFileSync(file, "utf8"));
  });

export const writeMark = (virsh: Virsh, pool: string, mark: Mark): Promise<void> =>
  withFile(async (file) => {
    const text = `${markText(mark)}\n`;
    writeFileSync(file, text);
    await ifFound(() => virsh.run(["vol-delete", "--pool", pool, MARK_VOLUME]));
    await virsh.run(["vol-create-as", pool, MARK_VOLUME, `${Buffer.byteLength(text)}b`, "--format", "raw"]);
    await virsh.run(["vol-upload", "--pool", pool, MARK_VOLUME, file]);
  });
