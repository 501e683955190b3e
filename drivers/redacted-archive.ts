import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { shellLine } from "../plan/shell";
import type { Argv } from "../plan/step";
import { CommandError } from "./errors";
import { localRunner } from "./local-runner";
import { withPrivateDirectory } from "./private-file";
import { ifThere } from "./visible-files";

/** Packs texts into one archive that can be handed on: every file goes through the redaction, nothing else gets in. */
export interface ArchivedText {
  /** Path inside the archive. */
  readonly name: string;
  readonly text: string;
}

/** Nothing for a file that is not there: an `up` that fails meanwhile removes old evidence. */
export const textAt = (path: string, name: string): readonly ArchivedText[] =>
  ifThere(() => [{ name, text: readFileSync(path, "utf8") }]) ?? [];

/** Every file below a directory, named from `prefix` on; nothing for a directory that is not there. */
export function textsBelow(directory: string, prefix: string): readonly ArchivedText[] {
  const entries = ifThere(() => readdirSync(directory, { withFileTypes: true })) ?? [];
  return entries
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const [path, name] = [join(directory, entry.name), join(prefix, entry.name)];
      if (entry.isDirectory()) return textsBelow(path, name);
      return entry.isFile() ? textAt(path, name) : [];
    });
}

/** The archive holds one folder, called like the archive; it and everything in it may be read by its owner only. */
export async function packRedacted(
  archive: string,
  texts: readonly ArchivedText[],
  redact: (text: string) => string,
): Promise<void> {
  const folder = basename(archive, ".tar.gz");
  mkdirSync(dirname(archive), { recursive: true, mode: 0o700 });
  await withPrivateDirectory(dirname(archive), async (directory) => {
    for (const { name, text } of texts) {
      const path = join(directory, folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, redact(text), { mode: 0o600 });
    }
    writeFileSync(archive, "", { mode: 0o600 });
    chmodSync(archive, 0o600); // one that was there has kept its own
    const command: Argv = [
      "tar",
      "-C",
      directory,
      "-czf",
      archive,
      "--owner=0",
      "--group=0",
      "--numeric-owner",
      folder,
    ];
    const packed = await localRunner.run(command);
    if (packed.exitCode === 0) return;
    throw new CommandError(
      { machine: "host", step: "pack the evidence", next: `look for room on the disk of ${dirname(archive)}` },
      shellLine(command),
      packed.exitCode,
      packed.stderr,
    );
  });
}
