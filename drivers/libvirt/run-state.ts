import type { Virsh } from "../virsh";
import { answer, ifFound, linesOf } from "./objects";

/** Whether a guest runs at all, and libvirt's reason when it does not: one that stands still answers nobody, however long one waits. */
export interface RunState {
  readonly running: boolean;
  /** libvirt's own words, e.g. `paused (I/O error)`. */
  readonly text: string;
}

/** A guest that shuts down or was woken a moment ago is on its way; the next look tells. */
const ON_ITS_WAY = /^(running|in shutdown|idle)\b/;

/** What QEMU does with a guest that it cannot write for (error policy `enospace`). */
const DISK_FULL = /I\/O error/;

/** What to do about a guest that stands still as `text` says; undefined: nothing special. */
export const wakingAdvice = (text: string): string | undefined =>
  DISK_FULL.test(text)
    ? "make room on the file system of its disk, then ./lab refresh and ./lab up: they let it go on"
    : undefined;

/** `running`, `gone`, or libvirt's own word: `paused`, `shut off`. */
export async function machineState(virsh: Virsh, name: string): Promise<string> {
  const text = (await ifFound(() => answer(virsh, "domstate", name))) ?? "gone";
  return ON_ITS_WAY.test(text) ? "running" : text;
}

export async function runState(virsh: Virsh, name: string): Promise<RunState> {
  const text = await answer(virsh, "domstate", name, "--reason");
  return { running: ON_ITS_WAY.test(text), text };
}

/** Names of the domains whose guests run; a paused one does not. */
export const runningDomains = (virsh: Virsh): Promise<readonly string[]> =>
  linesOf(virsh, "list", "--state-running", "--name");
