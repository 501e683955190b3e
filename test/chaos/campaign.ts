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
  /** What was hit; undefined: nothing of the kind was there. */
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
  /** What is on the host when an undisturbed `up` has ended. */
  readonly undisturbed: readonly string[];
  readonly witness: Witness;
}

export interface Draw {
  readonly seed: number;
  /** The first round that is played and the last: a campaign that ended early goes on with the faults that it would have had. */
  readonly from: number;
  readonly rounds: number;
  /** How long an undisturbed one takes, in milliseconds. */
  readonly usualMs: Readonly<Record<Phase, number>>;
  readonly report: (round: Round) => void;
}

const PHASES = ["up", "up", "refresh", "destroy"] as const;
export type Phase = (typeof PHASES)[number];

const names = Object.keys(FAULTS).filter((name): name is FaultName => name in FAULTS);

export async function runCampaign(target: Target, draw: Draw): Promise<readonly Round[]> {
  const random = seeded(draw.seed);
  const rounds: Round[] = [];
  for (let number = 1; number <= draw.rounds; number += 1) {
    const phase = pick(random, PHASES);
    const fault = pick(random, [names[0] ?? "virsh", ...names.slice(1)]);
    const atMs = Math.round(random() * draw.usualMs[phase]);
    if (number < draw.from) continue;
    const begunMs = Date.now();
    const played = await play(target, { phase, fault: FAULTS[fault], atMs });
    const round = { number, phase, fault, atMs, ...played, tookMs: Date.now() - begunMs };
    draw.report(round);
    rounds.push(round);
  }
  return rounds;
}

interface Move {
  readonly phase: Phase;
  readonly fault: Fault;
  readonly atMs: number;
}

/** One fault, and the way back from it. */
export async function play(target: Target, { phase, fault, atMs }: Move): Promise<Pick<Round, "hit" | "violations">> {
  const { clone, stack, disks, undisturbed, witness } = target;
  const place = { folder: clone.folder, disks };
  const lab = (verb: string) => clone.lab(verb, "--stack", stack);
  // An up that has everything to do; the others need what they are to look at or to remove.
  const prepared = await lab(phase === "up" ? "destroy" : "up");
  if (prepared.exitCode !== 0) return { hit: undefined, violations: [`could not begin: ${lastWords(prepared)}`] };

  const before = phase === "refresh" ? await witness.before() : "";
  const running = lab(phase);
  await sleep(atMs);
  const hit = await fault.inject(place);
  await running;
  fault.mend?.(place);

  const recovery = phase === "destroy" ? ["destroy"] : [...(fault.drifts ? ["refresh"] : []), "up"];
  const failed: string[] = [];
  for (const verb of recovery) {
    const result = await lab(verb);
    if (result.exitCode !== 0) failed.push(`${verb} failed: ${lastWords(result)}`);
  }
  const look = (): readonly string[] => sightOf(clone.folder, disks);
  if (phase === "destroy") return { hit, violations: [...failed, ...(await differencesFrom([], look))] };
  const host = await differencesFrom(undisturbed, look);
  return {
    hit,
    violations: [...failed, ...host, ...(await nodesAmiss(target)), ...(await witness.violations(before))],
  };
}

const lastWords = (result: Parameters<typeof outcome>[0]): string =>
  outcome(result).printed.trim().split("\n").slice(-6).join(" | ");

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
