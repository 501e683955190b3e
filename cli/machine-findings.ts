import { existsSync, statfsSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import type { Finding } from "../plan/doctor";
import type { Places } from "./places";

/** What this machine is, as far as an experiment cares. */

const GIB = 2 ** 30;
/** Two machines of the smallest experiment, and the host. */
const LEAST = { cores: 2, memoryGiB: 8, diskGiB: 20 } as const;

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

export function machineFindings({ root }: Places): readonly Finding[] {
  const kvm = existsSync("/dev/kvm");
  return [
    amount("processors", availableParallelism(), LEAST.cores, "cores", "kubeadm asks for two"),
    // A machine with 8 GiB has a little less.
    amount("memory", Math.round(totalmem() / GIB), LEAST.memoryGiB, "GiB", "make machines smaller: workerMemoryMiB"),
    amount("free disk", freeGiB(root), LEAST.diskGiB, "GiB", "the Nix store and the machines' disks need it"),
    {
      part: "KVM",
      state: "there",
      what: kvm ? "/dev/kvm is there, and not proven to work" : "none",
      why: "the embedded host emulates its guests; acceleration: kvm is for a libvirt of your own",
    },
  ];
}
