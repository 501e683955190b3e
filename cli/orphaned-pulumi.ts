import { processIds, processText } from "../drivers/process-files";
import { waitUntil, type Observation } from "../drivers/wait";
import { parentIn } from "../plan/process-stat";

/**
 * A Pulumi whose ./lab was killed outright: it works on, and has the stack's lock. Whoever comes next waits for it: it ends by itself, and what
 * it makes is the stack's.
 */

export interface OrphanWait {
  readonly stack: string;
  /** The one that ./lab gives Pulumi: of this checkout's stack and nobody else's. */
  readonly configFile: string;
  readonly report: (line: string) => void;
  /** @default an hour */
  readonly deadlineSeconds?: number;
}

const DEADLINE_SECONDS = 3600;
/** What the node of ./lab runs. */
const LAB = "bin/cli/main.js";

/** nixpkgs runs a .pulumi-wrapped. */
const isPulumi = (pid: number): boolean => processText(pid, "comm").includes("pulumi");

/** An orphan's next parent is the machine's first process, or whoever takes orphans for it. */
function belongsToLab(pid: number): boolean {
  const parent = parentIn(processText(pid, "stat"));
  if (parent === undefined || parent === 0) return false;
  return processText(parent, "cmdline").includes(LAB) || belongsToLab(parent);
}

/** A preview changes nothing and has no lock. */
function worksOn(configFile: string, pid: number): boolean {
  const args = processText(pid, "cmdline").split("\0");
  const verb = args[args.indexOf("--stack") - 1];
  return args[args.indexOf("--config-file") + 1] === configFile && verb !== "preview" && isPulumi(pid);
}

/** Undefined: there is none. */
export const orphanedPulumi = (configFile: string): number | undefined =>
  processIds().find((pid) => worksOn(configFile, pid) && !belongsToLab(pid));

export function awaitOrphan({
  stack,
  configFile,
  report,
  deadlineSeconds = DEADLINE_SECONDS,
}: OrphanWait): Promise<void> {
  let isSaid = false;
  const look = async (): Promise<Observation<undefined>> => {
    const pid = orphanedPulumi(configFile);
    if (pid === undefined) return { done: true, value: undefined };
    if (!isSaid) report(`stack ${stack}: a Pulumi whose ./lab was killed, process ${pid}, still works on it; waiting`);
    isSaid = true;
    return { done: false, seen: `process ${pid} still works on it` };
  };
  return waitUntil(look, {
    context: {
      machine: "host",
      step: `wait for the Pulumi of stack ${stack} whose ./lab was killed`,
      next: "wait on, by the same command again; or end that process by kill -INT, which lets it end what it is at",
    },
    awaited: "its end",
    deadlineSeconds,
    intervalSeconds: 0.2,
  });
}
