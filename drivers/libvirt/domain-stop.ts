import { CommandError, StepTimeout, type ReplikubeError } from "../errors";
import { HostFailure } from "../ssh-host";
import { NotFound, type Virsh } from "../virsh";
import { waitUntil, type Observation } from "../wait";
import { answer, ifFound } from "./objects";

/** How a running guest ends. */

/** Of a resource without a time-out: what is still there then is switched off. */
const SHUTDOWN_SECONDS = 120;

export interface StopOptions {
  readonly signal?: AbortSignal;
  /** The resource's own time-out; the guest gets half of it. 0: none. */
  readonly timeoutSeconds?: number;
  /** For the guest; absent: two minutes. */
  readonly shutdownSeconds?: number;
}

export type StopOutcome = "was off" | "shut down" | "switched off";

export const isOff = async (virsh: Virsh, name: string): Promise<boolean> =>
  ["shut off", "crashed"].includes(await answer(virsh, "domstate", name));

/** Nothing is known of the guest then: libvirt or the way to it did not answer, or virsh got no answer in time. */
const isNoAnswer = (error: unknown): error is ReplikubeError =>
  error instanceof CommandError || error instanceof StepTimeout || error instanceof HostFailure;

/** False for a guest that cannot be asked, and for one that was asked nothing. Past its own deadline virsh still waits for an agent that does not answer. */
async function askToStop(virsh: Virsh, name: string, deadlineSeconds: number): Promise<boolean> {
  try {
    await virsh.run(["shutdown", name, "--mode", "agent,acpi"], { deadlineSeconds });
    return true;
  } catch (error) {
    if (!isNoAnswer(error)) throw error;
    return false;
  }
}

/** False only when its time is up and libvirt says that it still runs. A look that fails is made again until then; the last one's failure is thrown. */
async function goesOff(virsh: Virsh, name: string, seconds: number, signal?: AbortSignal): Promise<boolean> {
  const started = performance.now();
  const left = (): number => seconds - (performance.now() - started) / 1000;
  let isAsked = false;
  let failure: ReplikubeError | undefined;
  const look = async (): Promise<Observation<true>> => {
    try {
      isAsked ||= await askToStop(virsh, name, Math.max(left(), 1));
      const off = await isOff(virsh, name);
      failure = undefined;
      return off ? { done: true, value: true } : { done: false, seen: "the guest still runs" };
    } catch (error) {
      // One that was undefined while it ran goes with its guest.
      if (error instanceof NotFound) return { done: true, value: true };
      if (!isNoAnswer(error)) throw error;
      failure = error;
      return { done: false, seen: error.message };
    }
  };
  try {
    return await waitUntil(look, {
      context: { machine: name, step: "shut down", next: "it is switched off" },
      awaited: "the guest to stop",
      deadlineSeconds: seconds,
      intervalSeconds: 1,
      ...(signal !== undefined && { signal }),
    });
  } catch (error) {
    // That of a look is none: it is looked again.
    if (!(error instanceof StepTimeout)) throw error;
    if (failure !== undefined) throw failure;
    return false;
  }
}

/** The guest is asked to stop, by agent and by ACPI; it has time to do so, and is then switched off. */
export async function stopDomain(virsh: Virsh, name: string, options: StopOptions = {}): Promise<StopOutcome> {
  const { signal, timeoutSeconds = 0, shutdownSeconds = SHUTDOWN_SECONDS } = options;
  if (await isOff(virsh, name)) return "was off";
  const patience = timeoutSeconds > 0 ? timeoutSeconds / 2 : shutdownSeconds;
  if (await goesOff(virsh, name, patience, signal)) return "shut down";
  await switchOff(virsh, name);
  return "switched off";
}

export async function switchOff(virsh: Virsh, name: string): Promise<void> {
  if (await isOff(virsh, name)) return;
  await ifFound(() => virsh.run(["destroy", name])).catch(async (error: unknown) => {
    if (!(await isOff(virsh, name))) throw error; // it went off by itself in between
  });
}
