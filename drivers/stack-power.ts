import { ownerText, type Mark } from "../plan/mark";
import { startOrder, stopOrder } from "../plan/power-order";
import type { StackMachine } from "../plan/stack-members";
import { CommandError, ReplikubeError } from "./errors";
import { isOff, stopDomain, type StopOutcome } from "./libvirt/domain-stop";
import { lookAtDomain } from "./libvirt/domains";
import { answer } from "./libvirt/objects";
import { requireStacks } from "./libvirt/ownership";
import { sideBySide } from "./side-by-side";
import type { Virsh } from "./virsh";

/** Switches a stack's machines off and on. Every one of them is looked at before any of them is touched. */

export interface PoweredStack {
  /** Of the stack; its resource does not matter. */
  readonly mark: Mark;
  readonly machines: readonly StackMachine[];
}

type Machine = Pick<StackMachine, "domainName" | "instance" | "guest">;

const NEXT = "./lab refresh, then ./lab up, make what is missing again";

export const nameOf = ({ domainName, guest }: Machine): string => guest?.nodeName ?? domainName;

/** Whether it is there; somebody else's under its name is an error, as is a machine that was made anew. */
async function isThere(virsh: Virsh, { domainName, instance }: Machine, mark: Mark): Promise<boolean> {
  const found = await lookAtDomain(virsh, domainName);
  if (found === undefined) return false;
  requireStacks(`domain ${domainName}`, found.mark, mark, "changed");
  if (found.instance === instance) return true;
  throw new ReplikubeError(
    `host: domain ${domainName} is ${ownerText(found.mark)}, but another machine than the one in the stack's state; it was not changed\nnext: ./lab refresh takes it into the state, ./lab up makes of it what the program wants`,
  );
}

async function presentOf(virsh: Virsh, { machines, mark }: PoweredStack): Promise<readonly StackMachine[]> {
  const looked = await sideBySide(machines, async (machine) =>
    (await isThere(virsh, machine, mark)) ? [machine] : [],
  );
  return looked.flat();
}

export interface StopRequest extends PoweredStack {
  /** What a guest gets for its shutdown. */
  readonly shutdownSeconds: number;
  readonly report: (line: string) => void;
}

export interface Stopped {
  readonly machine: StackMachine;
  readonly outcome: StopOutcome;
}

/** A guest that stands still hears nothing. One that cannot be woken, or stands still again (a full disk), is switched off in the end. */
async function wake(virsh: Virsh, name: string): Promise<void> {
  if ((await answer(virsh, "domstate", name)) !== "paused") return;
  await virsh.run(["resume", name]).catch((error: unknown) => {
    if (!(error instanceof CommandError)) throw error;
  });
}

async function stopMachine(
  virsh: Virsh,
  machine: StackMachine,
  { shutdownSeconds, report }: StopRequest,
): Promise<Stopped> {
  const started = performance.now();
  if (!(await isOff(virsh, machine.domainName))) report(`${nameOf(machine)}: shutting down`);
  await wake(virsh, machine.domainName);
  const outcome = await stopDomain(virsh, machine.domainName, { shutdownSeconds });
  const seconds = Math.round((performance.now() - started) / 1000);
  if (outcome === "shut down") report(`${nameOf(machine)}: shut down after ${seconds} s`);
  if (outcome === "switched off") {
    report(`${nameOf(machine)}: SWITCHED OFF, because it did not shut down within ${shutdownSeconds} s`);
  }
  return { machine, outcome };
}

/** What was there of the machines, each with how it ended. */
export async function stopMachines(virsh: Virsh, request: StopRequest): Promise<readonly Stopped[]> {
  const present = await presentOf(virsh, request);
  const stopped: Stopped[] = [];
  for (const group of stopOrder(present)) {
    const outcomes = await sideBySide(group, (machine) => stopMachine(virsh, machine, request));
    stopped.push(...outcomes);
  }
  return stopped;
}

export interface StartRequest extends PoweredStack {
  readonly report: (line: string) => void;
  /** Until the machine is there, as far as the next group has to know. */
  readonly awaitMachine: (machine: StackMachine) => Promise<void>;
}

async function switchOn(virsh: Virsh, machine: StackMachine, report: (line: string) => void): Promise<void> {
  const { domainName } = machine;
  if (await isOff(virsh, domainName)) {
    await virsh.run(["start", domainName]);
    return report(`${nameOf(machine)}: switched on`);
  }
  if ((await answer(virsh, "domstate", domainName)) !== "paused") return report(`${nameOf(machine)}: it runs`);
  await virsh.run(["resume", domainName]);
  report(`${nameOf(machine)}: it was paused, and goes on`);
}

export async function startMachines(virsh: Virsh, request: StartRequest): Promise<void> {
  const { machines, report, awaitMachine } = request;
  const present = await presentOf(virsh, request);
  const missing = machines.filter((machine) => !present.includes(machine)).map(({ domainName }) => domainName);
  if (missing.length > 0) {
    throw new ReplikubeError(`host: ${missing.join(", ")}: not there any more; nothing was started\nnext: ${NEXT}`);
  }
  for (const group of startOrder(present)) {
    await sideBySide(group, async (machine) => {
      await switchOn(virsh, machine, report);
      await awaitMachine(machine);
    });
  }
}
