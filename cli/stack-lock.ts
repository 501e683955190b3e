import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { ReplikubeError } from "../drivers/errors";

/** Pulumi's lock on a stack in a file backend: cancelled only when its process is dead on this host. */
export interface StackLock {
  readonly pid: number;
  readonly hostname: string;
  readonly username: string;
  readonly timestamp: string;
}

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
};

/** Whether a lock was left behind by a killed Pulumi and was removed; a held one is an error that names its holder. */
export function clearDeadLock(backendFolder: string, project: string, stack: string): boolean {
  const folder = join(backendFolder, ".pulumi/locks/organization", project, stack);
  if (!existsSync(folder)) return false;
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  for (const name of files) {
    const lock: StackLock = JSON.parse(readFileSync(join(folder, name), "utf8"));
    if (lock.hostname !== hostname() || alive(lock.pid)) {
      throw new ReplikubeError(
        `stack ${stack} is locked by process ${lock.pid} of ${lock.username} on ${lock.hostname} since ${lock.timestamp}\nnext: wait until it is done; if that machine is gone: ./lab pulumi cancel --stack ${stack}`,
      );
    }
    rmSync(join(folder, name), { force: true });
  }
  return files.length > 0;
}
