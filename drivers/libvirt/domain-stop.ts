import { CommandError } from "../errors";
import type { Virsh } from "../virsh";
import { waitUntil } from "../wait";
import { answer, ifFound } from "./objects";

/** How a running guest ends. */

/** An emulated guest takes its time to stop its services; what is still there then is switched off. */
const SHUTDOWN_SECONDS = 120;

export interface StopOptions {
  readonly signal?: AbortSignal;
  /** The resource's own time-out; the guest gets no more than half of it. 0: none. */
  readonly timeoutSeconds?: number;
}

export const isOff = async (virsh: Virsh, name: string): Promise<boolean> =>
  ["shut off", "crashed"].includes(await answer(virsh, "domstate", name));

/** The guest is asked to stop, by agent and by ACPI; it has time to do so, and is then switched off. */
export async function stopDomain(
  virsh: Virsh,
  name: string,
  { signal, timeoutSeconds = 0 }: StopOptions = {},
): Promise<void> {
  if (await isOff(virsh, name)) return;
  await virsh.run(["shutdown", name, "--mode", "agent,acpi"]).catch((error: unknown) => {
    if (!(error instanceof CommandError)) throw error; // a guest that cannot be asked is switched off below
  });
  const off = await waitUntil(
    async () =>
      (await isOff(virsh, name)) ? { done: true, value: true } : { done: false, seen: "the guest still runs" },
    {
      context: { machine: name, step: "shut down", next: "it is switched off" },
      awaited: "the guest to stop",
      deadlineSeconds: timeoutSeconds > 0 ? Math.min(timeoutSeconds / 2, SHUTDOWN_SECONDS) : SHUTDOWN_SECONDS,
      intervalSeconds: 1,
      ...(signal !== undefined && { signal }),
    },
  ).catch((error: unknown) => {
    if (signal?.aborted === true) throw error;
    return false;
  });
  if (!off) await switchOff(virsh, name);
}

export async function switchOff(virsh: Virsh, name: string): Promise<void> {
  if (await isOff(virsh, name)) return;
  await ifFound(() => virsh.run(["destroy", name])).catch(async (error: unknown) => {
    if (!(await isOff(virsh, name))) throw error; // it went off by itself in between
  });
}
