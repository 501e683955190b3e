import { CommandError, StepTimeout } from "../errors";
import type { Virsh } from "../virsh";
import { waitUntil } from "../wait";
import { answer, ifFound } from "./objects";

/** How a running guest ends. */

/** An emulated guest takes its time to stop its services; what is still there then is switched off. */
export const SHUTDOWN_SECONDS = 120;

export interface StopOptions {
  readonly signal?: AbortSignal;
  /** The resource's own time-out; the guest gets no more than half of it. 0: none. */
  readonly timeoutSeconds?: number;
  /** For the guest; absent: `SHUTDOWN_SECONDS`. */
  readonly shutdownSeconds?: number;
}

export type StopOutcome = "was off" | "shut down" | "switched off";

export const isOff = async (virsh: Virsh, name: string): Promise<boolean> =>
  ["shut off", "crashed"].includes(await answer(virsh, "domstate", name));

/** Past its own deadline virsh still waits for an agent that does not answer. */
async function askToStop(virsh: Virsh, name: string, deadlineSeconds: number): Promise<void> {
  await virsh.run(["shutdown", name, "--mode", "agent,acpi"], { deadlineSeconds }).catch((error: unknown) => {
    // A guest that cannot be asked is switched off later.
    if (!(error instanceof CommandError) && !(error instanceof StepTimeout)) throw error;
  });
}

/** The guest is asked to stop, by agent and by ACPI; it has time to do so, and is then switched off. */
export async function stopDomain(virsh: Virsh, name: string, options: StopOptions = {}): Promise<StopOutcome> {
  const { signal, timeoutSeconds = 0, shutdownSeconds = SHUTDOWN_SECONDS } = options;
  if (await isOff(virsh, name)) return "was off";
  const started = performance.now();
  const patience = timeoutSeconds > 0 ? Math.min(timeoutSeconds / 2, shutdownSeconds) : shutdownSeconds;
  await askToStop(virsh, name, patience);
  const off = await waitUntil(
    async () =>
      (await isOff(virsh, name)) ? { done: true, value: true } : { done: false, seen: "the guest still runs" },
    {
      context: { machine: name, step: "shut down", next: "it is switched off" },
      awaited: "the guest to stop",
      deadlineSeconds: patience - (performance.now() - started) / 1000,
      intervalSeconds: 1,
      ...(signal !== undefined && { signal }),
    },
  ).catch((error: unknown) => {
    if (signal?.aborted === true) throw error;
    return false;
  });
  if (off) return "shut down";
  await switchOff(virsh, name);
  return "switched off";
}

export async function switchOff(virsh: Virsh, name: string): Promise<void> {
  if (await isOff(virsh, name)) return;
  await ifFound(() => virsh.run(["destroy", name])).catch(async (error: unknown) => {
    if (!(await isOff(virsh, name))) throw error; // it went off by itself in between
  });
}
