import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { moveIntoPlace } from "./whole-file";

/** Files that only their owner may read, at every moment of their life. */

/** Written beside its place with mode 0600 and moved there: never half, never readable by others, whatever stood there. */
export function writePrivateFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  moveIntoPlace(path, text, 0o600);
}

/** A directory for nobody else, gone afterwards with all that is in it. */
export async function withPrivateDirectory<T>(parent: string, use: (directory: string) => Promise<T>): Promise<T> {
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  const directory = mkdtempSync(join(parent, "private-")); // 0700 by definition
  try {
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
