import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { hostname, uptime } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { ReplikubeError } from "../drivers/errors";
import { processText } from "../drivers/process-files";
import { isZombie } from "../plan/process-stat";

/** Pulumi's lock on a stack in a file backend: cancelled only when no Pulumi has its process's number on this host. */

const schema = z.object({ pid: z.number(), hostname: z.string(), username: z.string(), timestamp: z.string() });

interface LockFile {
  readonly path: string;
  /** Milliseconds since 1970. */
  readonly writtenAt: number;
  /** Undefined: it cannot be read. Pulumi writes it whole, but not out to the disk: a loss of power may leave it empty. */
  readonly lock?: z.infer<typeof schema>;
}

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !isZombie(processText(pid, "stat")); // one that may not be looked at is believed
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
};

/** None when it goes meanwhile: whoever held it is done. */
function locksAt(path: string): readonly LockFile[] {
  const writtenAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  if (writtenAt === undefined) return [];
  try {
    return [{ path, writtenAt, lock: schema.parse(JSON.parse(readFileSync(path, "utf8"))) }];
  } catch {
    return existsSync(path) ? [{ path, writtenAt }] : [];
  }
}

function locksOf(backendFolder: string, project: string, stack: string): readonly LockFile[] {
  const folder = join(backendFolder, ".pulumi/locks/organization", project, stack);
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
  return names.flatMap((name) => locksAt(join(folder, name)));
}

/** By proc_pid_comm(5). A number is given again to other programs, after a reboot above all; one that may not be looked at is believed. */
function isAnother(pid: number): boolean {
  const name = processText(pid, "comm");
  return name !== "" && !name.includes("pulumi"); // nixpkgs runs a .pulumi-wrapped
}

const bootTime = (): number => Date.now() - uptime() * 1000;

const isHeld = ({ lock, writtenAt }: LockFile): boolean =>
  lock === undefined
    ? writtenAt > bootTime()
    : lock.hostname !== hostname() || (alive(lock.pid) && !isAnother(lock.pid));

const holderText = ({ path, lock, writtenAt }: LockFile): string =>
  lock === undefined
    ? `somebody whose lock ${path} of ${new Date(writtenAt).toISOString()} cannot be read`
    : `process ${lock.pid} of ${lock.username} on ${lock.hostname} since ${lock.timestamp}`;

/** Who works on the stack; undefined: nobody who lives. */
export function holderOf(backendFolder: string, project: string, stack: string): string | undefined {
  const held = locksOf(backendFolder, project, stack).find(isHeld);
  return held && holderText(held);
}

/** Whether a lock was left behind by a killed Pulumi and was removed; a held one is an error that names its holder. */
export function clearDeadLock(backendFolder: string, project: string, stack: string): boolean {
  const locks = locksOf(backendFolder, project, stack);
  const held = locks.find(isHeld);
  if (held !== undefined) {
    throw new ReplikubeError(
      `stack ${stack} is locked by ${holderText(held)}\nnext: wait until it is done; if that machine is gone, or no Pulumi works on the stack: ./lab pulumi cancel --stack ${stack}`,
    );
  }
  for (const { path } of locks) rmSync(path, { force: true });
  return locks.length > 0;
}
