import { existsSync, linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Files that are written beside their place, out to the disk, and put there: whole or not there, also after a loss of power. Each function throws
 * what the file system says, with nothing left beside.
 */

/** Missing directories are made. */
export function writeWholeFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  moveIntoPlace(path, text, 0o666);
}

/** `mode` holds from the first byte on, less what the umask takes. */
export const moveIntoPlace = (path: string, text: string, mode: number): void =>
  put(path, text, mode, (temporary) => renameSync(temporary, path));

/** Leaves what is there already, even if another process has put it there at the same moment. */
export const putOnce = (path: string, text: string, mode: number): void =>
  put(path, text, mode, (temporary) => {
    try {
      linkSync(temporary, path);
    } catch (error) {
      if (!existsSync(path)) throw error;
    }
    rmSync(temporary);
  });

function put(path: string, text: string, mode: number, move: (temporary: string) => void): void {
  const temporary = `${path}.${process.pid}.new`;
  rmSync(temporary, { force: true }); // of one that was killed and had this pid
  try {
    writeFileSync(temporary, text, { mode, flag: "wx", flush: true });
    move(temporary);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
