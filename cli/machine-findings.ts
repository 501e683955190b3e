import { statfsSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { localRunner } from "../drivers/local-runner";
import type { CommandRunner } from "../drivers/runner";
import type { Finding } from "../plan/doctor";
import { kvmFinding } from "./kvm-finding";
import type { Places } from "./places";

/** What this machine is, as far as an experiment cares. */

const GIB = 2 ** 30;
/** Two machines of the smallest experiment, and the host. */
const LEAST = { cores: 2, memoryGiB: 8, diskGiB: 8 } as const;
/** With programs and image still to be built. */
const FIRST_TIME_DISK_GIB = 20;

const gib = (bytes: number): number => Math.floor(bytes / GIB);

const amount = (part: string, there: number, least: number, unit: string, remedy: string): Finding => ({
  part,
  state: there >= least ? "there" : "missing",
  what: `${there} ${unit}`,
  why: there >= least ? `at least ${least} are needed` : `at least ${least} are needed; ${remedy}`,
});

/** Where this file system ends, the checkout's state, images and machines end too. */
function freeGiB(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return gib(bavail * bsize);
}

function diskFinding(root: string): Finding {
  const free = freeGiB(root);
  const finding = amount("free disk", free, LEAST.diskGiB, "GiB", "make room for the machines' disks");
  if (free >= FIRST_TIME_DISK_GIB || finding.state === "missing") return finding;
  return { ...finding, why: `${finding.why}; ${FIRST_TIME_DISK_GIB} while programs and image are still to be built` };
}

/** A flake is what git knows: a new file that was never added is not part of it. */
export async function gitFinding({ root }: Places, runner: CommandRunner = localRunner): Promise<Finding> {
  const status = await runner.run(["git", "-C", root, "status", "--porcelain"]).catch(() => undefined);
  const changes = (status?.stdout ?? "").split("\n").filter(Boolean);
  const added = changes.filter((line) => line.startsWith("??")).length;
  return {
    part: "git",
    state: "there",
    what: status?.exitCode !== 0 ? "no repository" : changes.length === 0 ? "clean" : `${changes.length} changed files`,
    why: added === 0 ? "Nix builds what git knows" : `Nix does not see the ${added} of them that were never added`,
  };
}

export function machineFindings(places: Places): readonly Finding[] {
  return [
    amount("processors", availableParallelism(), LEAST.cores, "cores", "kubeadm asks for two"),
    // A machine with 8 GiB has a little less.
    amount("memory", Math.round(totalmem() / GIB), LEAST.memoryGiB, "GiB", "make machines smaller: workerMemoryMiB"),
    diskFinding(places.root),
    kvmFinding(places),
  ];
}
