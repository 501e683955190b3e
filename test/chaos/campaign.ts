import { setTimeout as sleep } from "node:timers/promises";
import { outcome, type Clone } from "../fixtures/clone";
import { FAULTS, type Fault, type FaultName } from "./faults";
import { pick, seeded } from "./seeded";
import { differencesFrom, sightOf } from "./sight";
import type { Witness } from "./witness";

/** Faults at random moments of a stack's life, one after the other, and what became of it. */

export interface Round {
  readonly number: number;
  readonly phase: Phase;
  readonly fault: FaultName;
  /** After the phase's begin. */
  readonly atMs: number;
  /** What was hit; undefined: nothing of the kind was there, or the phase had ended. */
  readonly hit: string | undefined;
  /** Empty: the stack came to where it should be. */
  readonly violations: readonly string[];
  /** From what the phase needed before it to the last look, in milliseconds. */
  readonly tookMs: number;
}

/** What the faults are done to. */
export interface Target {
  readonly clone: Clone;
  readonly stack: string;
  readonly nodes: readonly string[];
  readonly disks: string;
  /** What is on the host when an undisturbed `up` has ended, and when a `destroy` has. */
  readonly undisturbed: Readonly<Record<"up" | "destroyed", readonly string[]>>;
  readonly witness: Witness;
}

const PHASES = ["up", "up", "refresh", "destroy"] as const;
export type Phase = (typeof PHASES)[number];

/** How long an undisturbed one takes, in milliseconds. */
export type PhaseTimes = Readonly<Record<Phase, number>>;

const names = Object.keys(FAULTS).filter((name): name is FaultName => name in FAULTS);

interface Drawn {
  readonly number: number;
  readonly phase: Phase;
  readonly fault: FaultName;
  /** Part of the phase's usual time, from 0 up to 1. */
  readonly moment: number;
  /** Which of those that the fault may hit, from 0 up to 1. */
  readonly victim: number;
}

/** The same for the same seed, on every machine. */
export function drawRounds(seed: number, rounds: number): readonly Drawn[] {
  const random = seeded(seed);
  return Array.from({ length: rounds }, (_, index) => ({
    number: index + 1,
    phase: pick(random, PHASES),
    fault: pick(random, [names[0] ?? "virsh", ...names.slice(1)]),
    moment: random(),
    victim: random(),
  }));
}

export interface Campaign {
  readonly rounds: readonly Drawn[];
  readonly usualMs: PhaseTimes;
  readonly report: (round: Round) => void;
}

export async function runCampaign(target: Target, campaign: Campaign): Promise<readonly Round[]> {
  const played: Round[] = [];
  for (const { number, phase, fault, moment, victim } of campaign.rounds) {
    const atMs = Math.round(moment * campaign.usualMs[phase]);
    const begunMs = Date.now();
    const outcomeOf = await play(target, { phase, fault: FAULTS[fault], atMs, victim });
    const round = { number, phase, fault, atMs, ...outcomeOf, tookMs: Date.now() - begunMs };
    campaign.report(round);
    played.push(round);
  }
  return played;
}

interface Move {
  readonly phase: Phase;
  readonly fault: Fault;
  readonly atMs: number;
  readonly victim: number;
}

/** One fault, and the way back from it. */
export async function play(
  target: Target,
  { phase, fault, atMs, victim }: Move,
): Promise<Pick<Round, "hit" | "violations">> {
  const { clone, stack, disks, undisturbed, witness } = target;
  const place = { folder: clone.folder, disks };
  const lab = (verb: string) => clone.lab(verb, "--stack", stack);
  // An up that has everything to do; the others need what they are to look at or to remove.
  const prepared = await lab(phase === "up" ? "destroy" : "up");
  if (prepared.exitCode !== 0) return { hit: undefined, violations: [`could not begin: ${lastWords(prepared)}`] };

  const before = phase === "refresh" ? await witness.before() : "";
  let isOver = false;
  const running = lab(phase).finally(() => (isOver = true));
  await sleep(atMs);
  const hit = isOver ? undefined : await fault.inject(place, victim);
  // Of a killed ./lab this is the end of its Pulumi, which has its output.
  if (hit === undefined || fault.leavesPulumi !== true) await running;
  fault.mend?.(place);

  const recovery = phase === "destroy" ? ["destroy"] : [...(fault.drifts ? ["refresh"] : []), "up"];
  const failed: string[] = [];
  for (const verb of recovery) {
    const result = await lab(verb);
    if (result.exitCode !== 0) failed.push(`${verb} failed: ${lastWords(result)}`);
  }
  await running;
  const look = (): readonly string[] => sightOf(clone.folder, disks);
  if (phase === "destroy")
    return { hit, violations: [...failed, ...(await differencesFrom(undisturbed.destroyed, look))] };
  const host = await differencesFrom(undisturbed.up, look);
  return {
    hit,
    violations: [...failed, ...host, ...(await nodesAmiss(target)), ...(await witness.violations(before))],
  };
}

/** What setup says of its parts stands behind Pulumi's own words, and tells nothing. */
const lastWords = (result: Parameters<typeof outcome>[0]): string =>
  outcome(result)
    .printed.split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("lab: "))
    .slice(-12)
    .join(" / ");

/** Of a stack that is up: what is not as it should be. */
async function nodesAmiss({ clone, stack, nodes }: Target): Promise<readonly string[]> {
  const { stdout, exitCode, stderr } = await clone.lab("kubectl", "--stack", stack, "--", "get", "nodes", "-o", "json");
  if (exitCode !== 0) return [`kubectl: ${stderr.trim()}`];
  const { items }: { readonly items: readonly SeenNode[] } = JSON.parse(stdout);
  const there = items.map(({ metadata }) => metadata.name).toSorted();
  const notReady = items
    .filter(({ status, spec }) => spec.unschedulable === true || !status.conditions.some(isReady))
    .map(({ metadata }) => `${metadata.name} is not Ready`);
  return [...(there.join() === nodes.toSorted().join() ? [] : [`nodes are ${there.join(", ")}`]), ...notReady];
}

interface SeenNode {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly unschedulable?: boolean };
  readonly status: { readonly conditions: readonly { readonly type: string; readonly status: string }[] };
}
const isReady = ({ type, status }: SeenNode["status"]["conditions"][number]): boolean =>
  type === "Ready" && status === "True";
