import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { startTimeOf } from "./namespace-processes";
import { removedAtExit } from "./removed-at-exit";
import { moveIntoPlace } from "./whole-file";

/** Files that only their owner may read, at every moment of their life. */

/** Written beside its place with mode 0600 and moved there: never half, never readable by others, whatever stood there. */
export function writePrivateFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  moveIntoPlace(path, text, 0o600);
}

/** Names this machine, so that its processes are asked for no other's: a home may be shared. */
const PREFIX = `private-${hostname()}-`;

/** Of processes that were killed: which they were stands in the name. */
function sweep(parent: string): void {
  for (const name of readdirSync(parent).filter((each) => each.startsWith(PREFIX))) {
    const [, pid, startTime] = /^(\d+)-(\d+)-/.exec(name.slice(PREFIX.length)) ?? [];
    if (startTime === undefined || startTimeOf(Number(pid)) === startTime) continue;
    const path = join(parent, name);
    const isOwn = lstatSync(path, { throwIfNoEntry: false })?.uid === process.getuid?.();
    if (isOwn) rmSync(path, { recursive: true, force: true });
  }
}

/** A directory for nobody else, gone afterwards with all that is in it, also when this process is told to end meanwhile. */
export async function withPrivateDirectory<T>(parent: string, use: (directory: string) => Promise<T>): Promise<T> {
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  sweep(parent);
  const directory = mkdtempSync(join(parent, `${PREFIX}${process.pid}-${startTimeOf(process.pid)}-`)); // 0700 by definition
  const letGo = removedAtExit(directory);
  try {
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
    letGo();
  }
}
