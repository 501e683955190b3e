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

interface LockFile {
  readonly path: string;
  readonly lock: StackLock;
}

function locksOf(backendFolder: string, project: string, stack: string): readonly LockFile[] {
  const folder = join(backendFolder, ".pulumi/locks/organization", project, stack);
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
  return names.map((name) => ({
    path: join(folder, name),
    lock: JSON.parse(readFileSync(join(folder, name), "utf8")),
  }));
}

const isHeld = ({ lock }: LockFile): boolean => lock.hostname !== hostname() || alive(lock.pid);

/** Who works on the stack; undefined: nobody who lives. */
export function holderOf(backendFolder: string, project: string, stack: string): string | undefined {
  const held = locksOf(backendFolder, project, stack).find(isHeld)?.lock;
  return held && `process ${held.pid} of ${held.username} on ${held.hostname} since ${held.timestamp}`;
}

/** Whether a lock was left behind by a killed Pulumi and was removed; a held one is an error that names its holder. */
export function clearDeadLock(backendFolder: string, project: string, stack: string): boolean {
  const holder = holderOf(backendFolder, project, stack);
  if (holder !== undefined) {
    throw new ReplikubeError(
      `stack ${stack} is locked by ${holder}\nnext: wait until it is done; if that machine is gone: ./lab pulumi cancel --stack ${stack}`,
    );
  }
  const dead = locksOf(backendFolder, project, stack);
  for (const { path } of dead) rmSync(path, { force: true });
  return dead.length > 0;
}
