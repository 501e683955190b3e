import { setTimeout as sleep } from "node:timers/promises";
import { machineState } from "../drivers/libvirt/run-state";
import { localRunner } from "../drivers/local-runner";
import { nameOf } from "../drivers/stack-power";
import { virshFor, type Virsh } from "../drivers/virsh";
import type { StackMachine } from "../plan/stack-members";
import { untilInterrupted } from "./interrupted-work";

/** What an interrupted start or stop says: which machines run, and how to go on. */

export interface PowerCommand {
  readonly stack: string;
  readonly verb: "start" | "stop";
}

interface PoweredMachines {
  readonly libvirtUri: string;
  readonly machines: readonly StackMachine[];
}

export type Touching = (powered: PoweredMachines) => void;

const LOOK_SECONDS = 3;

async function stateText(virsh: Virsh, machine: StackMachine): Promise<string> {
  const looked = machineState(virsh, machine.domainName).catch(() => undefined);
  const state = await Promise.race([looked, sleep(LOOK_SECONDS * 1000)]);
  if (state === undefined) return `of ${nameOf(machine)} libvirt does not say whether it runs`;
  return state === "running" ? `${nameOf(machine)} runs` : `${nameOf(machine)} is ${state}`;
}

const NEXT = {
  start: (stack: string) =>
    `./lab start --stack ${stack} goes on from there, ./lab stop --stack ${stack} switches off what runs`,
  stop: (stack: string) =>
    `./lab stop --stack ${stack} goes on from there, ./lab start --stack ${stack} brings back what is off`,
} as const;

/** `work` tells what it is about to touch. */
export function sayingWhatRuns<T>({ stack, verb }: PowerCommand, work: (touching: Touching) => Promise<T>): Promise<T> {
  let touched: PoweredMachines | undefined;
  const howThingsStand = async (): Promise<string> => {
    const { libvirtUri = "", machines = [] } = touched ?? {};
    const virsh = virshFor(libvirtUri, localRunner, LOOK_SECONDS);
    const states = await Promise.all(machines.map((machine) => stateText(virsh, machine)));
    return `stack ${stack}: ./lab ${verb} was interrupted: ${states.join(", ") || "it had touched nothing"}\nnext: ${NEXT[verb](stack)}`;
  };
  return untilInterrupted(howThingsStand, () => work((powered) => (touched = powered)));
}
