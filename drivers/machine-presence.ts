import { setTimeout as sleep } from "node:timers/promises";
import type { NodeAccess } from "../plan/bootstrap-resources";
import { lookAtDomain } from "./libvirt/domains";
import { ReplikubeError } from "./errors";
import { ifFound } from "./libvirt/objects";
import { machineState, runningDomains, runState, wakingAdvice, type RunState } from "./libvirt/run-state";
import type { Virsh } from "./virsh";

/**
 * Work on a machine that may be taken away meanwhile, because the engine deletes what depends on each other by several chains at once; or
 * that may fall asleep, and answers nobody until a deadline has passed.
 */

type Machine = Pick<NodeAccess, "domainName" | "instance">;
type NamedMachine = Pick<NodeAccess, "nodeName" | "domainName">;
type Work<T> = (signal: AbortSignal) => Promise<T>;

const LOOK_SECONDS = 2;
/** Of all machines of a cluster, in one call. */
const CLUSTER_LOOK_SECONDS = 5;

/** `end` is asked now and then: what it gives is what the work's signal is aborted with. */
async function watched<T>(end: () => Promise<Error | undefined>, work: Work<T>, lookSeconds: number): Promise<T> {
  const over = new AbortController();
  const done = new AbortController();
  const watch = async (): Promise<void> => {
    for (;;) {
      await sleep(lookSeconds * 1000, undefined, { signal: done.signal }).catch(() => undefined);
      if (done.signal.aborted) return;
      const reason = await end();
      if (reason !== undefined) return over.abort(reason);
    }
  };
  const watching = watch();
  try {
    return await work(over.signal);
  } finally {
    done.abort();
    await watching;
  }
}

/** Only libvirt's positive answer counts: the domain is not there, or it is another machine under the same name. */
async function isGone(virsh: Virsh, { domainName, instance }: Machine): Promise<boolean> {
  try {
    const there = await lookAtDomain(virsh, domainName);
    return there === undefined || there.instance !== instance;
  } catch {
    return false;
  }
}

/** Aborts the work, and forgets its failure, once the machine is gone. */
export async function whileMachineIsThere(
  virsh: Virsh,
  machine: Machine,
  work: Work<void>,
  lookSeconds = LOOK_SECONDS,
): Promise<void> {
  let gone = false;
  const end = async (): Promise<Error | undefined> => {
    gone = await isGone(virsh, machine);
    return gone ? new Error(`${machine.domainName} is gone`) : undefined;
  };
  try {
    await watched(end, work, lookSeconds);
  } catch (error) {
    if (!gone && !(await isGone(virsh, machine))) throw error;
  }
}

/** Nobody answers who is paused or switched off; it is not waited for. */
export class Asleep extends Error {
  constructor(
    /** libvirt's own word, or `gone`. */
    readonly state: string,
    message = `its machine is ${state}`,
  ) {
    super(message);
  }
}

/** Throws `Asleep` when the machine is, or falls, asleep. A libvirt that does not answer leaves it to the work to find out. */
export async function whileMachineIsAwake<T>(
  virsh: Virsh,
  { domainName }: Pick<Machine, "domainName">,
  work: Work<T>,
  lookSeconds = LOOK_SECONDS,
): Promise<T> {
  const asleep = async (): Promise<Asleep | undefined> => {
    const state = await machineState(virsh, domainName).catch(() => "running");
    return state === "running" ? undefined : new Asleep(state);
  };
  const before = await asleep();
  if (before !== undefined) throw before;
  return watched(asleep, work, lookSeconds);
}

const GONE: RunState = { running: false, text: "gone" };

async function standstill(virsh: Virsh, machines: readonly NamedMachine[]): Promise<Error | undefined> {
  const running = await runningDomains(virsh);
  for (const { nodeName, domainName } of machines.filter((each) => !running.includes(each.domainName))) {
    const { running: isOnItsWay, text } = (await ifFound(() => runState(virsh, domainName))) ?? GONE;
    if (isOnItsWay) continue;
    const next = wakingAdvice(text) ?? "./lab refresh, then ./lab up: they bring it back";
    return new ReplikubeError(`${nodeName}: domain ${domainName} is ${text}\nnext: ${next}`);
  }
  return undefined;
}

/** Aborts work that needs all of them, with why, when one stands still: others would wait for it until a deadline. */
export const whileMachinesRun = <T>(
  virsh: Virsh,
  machines: readonly NamedMachine[],
  work: Work<T>,
  lookSeconds = CLUSTER_LOOK_SECONDS,
): Promise<T> => watched(() => standstill(virsh, machines).catch(() => undefined), work, lookSeconds);
