import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Written beside its place, out to the disk, and moved there: whole or not there, also after a loss of power. Missing directories are made.
 * Throws what the file system says, with nothing left beside.
 */
export function writeWholeFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  moveIntoPlace(path, text, 0o666);
}

/** `mode` holds from the first byte on, less what the umask takes. */
export function moveIntoPlace(path: string, text: string, mode: number): void {
  const temporary = `${path}.${process.pid}.new`;
  rmSync(temporary, { force: true }); // of one that was killed and had this pid
  try {
    writeFileSync(temporary, text, { mode, flag: "wx", flush: true });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
