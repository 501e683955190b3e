import { statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { startTimeIn } from "../plan/process-stat";
import { processIds, processText } from "./process-files";

/** The processes of a network namespace. What lives in a namespace of ours is ours: no name or pid file has to be believed. */
export interface NamespaceProcess {
  readonly pid: number;
  /** Clock ticks after boot: with it a pid means one process and no later one. */
  readonly startTime: string;
  readonly command: string;
}

export const startTimeOf = (pid: number): string | undefined => startTimeIn(processText(pid, "stat"));

interface NamespaceIdentity {
  readonly device: number;
  readonly inode: number;
}

const identityAt = (path: string): NamespaceIdentity | undefined => {
  try {
    const { dev, ino } = statSync(path);
    return { device: dev, inode: ino };
  } catch {
    return undefined;
  }
};

const isSame = (a: NamespaceIdentity | undefined, b: NamespaceIdentity): boolean =>
  a?.device === b.device && a.inode === b.inode;

/** A file that names a network namespace: /run/netns/NAME or /proc/PID/ns/net. Never this process's own namespace. */
export function processesInNamespace(path: string): readonly NamespaceProcess[] {
  const namespace = identityAt(path);
  if (namespace === undefined || isSame(identityAt("/proc/self/ns/net"), namespace)) return [];
  return processIds().flatMap((pid) => (isSame(identityAt(`/proc/${pid}/ns/net`), namespace) ? processOf(pid) : []));
}

/** Empty when there is no such process any more. */
export function processOf(pid: number): readonly NamespaceProcess[] {
  const startTime = startTimeOf(pid);
  return startTime === undefined ? [] : [{ pid, startTime, command: commandOf(pid) }];
}

const commandOf = (pid: number): string => processText(pid, "cmdline").replaceAll("\0", " ").trim();

const isAlive = ({ pid, startTime }: NamespaceProcess): boolean => startTimeOf(pid) === startTime;

const signalAll = (processes: readonly NamespaceProcess[], signal: NodeJS.Signals): void => {
  for (const { pid } of processes.filter(isAlive)) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error; // it has just left
    }
  }
};

const POLL_MS = 50;

/** SIGTERM, and after the grace SIGKILL. Resolves to those that outlived even that. */
export async function endProcesses(
  processes: readonly NamespaceProcess[],
  graceSeconds: number,
): Promise<readonly NamespaceProcess[]> {
  signalAll(processes, "SIGTERM");
  const left = await leftAfter(processes, graceSeconds);
  signalAll(left, "SIGKILL");
  return leftAfter(left, graceSeconds);
}

async function leftAfter(
  processes: readonly NamespaceProcess[],
  seconds: number,
): Promise<readonly NamespaceProcess[]> {
  for (let waited = 0; ; waited += POLL_MS) {
    const left = processes.filter(isAlive);
    if (left.length === 0 || waited >= seconds * 1000) return left;
    await sleep(POLL_MS);
  }
}
