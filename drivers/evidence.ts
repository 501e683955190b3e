import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileTail } from "./libvirt/console";
import { wakingAdvice } from "./libvirt/run-state";
import {
  LIMIT_BYTES,
  machineSources,
  readSource,
  statesOf,
  type SeenMachine,
  type SeenMachines,
  type Source,
  type StateOf,
} from "./machine-sources";

/** Saves what a failure can be understood by, before anything is cleaned or tried again. No source's failure loses another. */

const KEPT = 10;
/** Machines that fail together are many failures at once: none of them goes while it is written, or before anybody has read its error. */
const YOUNG_MS = 15 * 60_000;

export interface EvidenceRequest extends SeenMachines {
  /** Checkout that .state lies in. */
  readonly root: string;
  readonly step: string;
  /** All that had a part in it; the one that failed comes first and gives the name. */
  readonly machines: readonly [SeenMachine, ...SeenMachine[]];
  readonly timelineFile: string;
  readonly error: unknown;
  /** Absent: no secret was near. */
  readonly redact?: (text: string) => string;
}

export interface KeepingRequest extends Omit<EvidenceRequest, "error"> {
  /** Aborted when nobody wants the work any more: its end is no failure then. */
  readonly signal?: AbortSignal;
}

function sourcesOf(request: EvidenceRequest, stateOf: StateOf): readonly Source[] {
  const { timelineFile, error } = request;
  return [
    { name: "error.txt", read: async () => (error instanceof Error ? (error.stack ?? error.message) : String(error)) },
    { name: "timeline.jsonl", read: async () => fileTail(timelineFile, LIMIT_BYTES) },
    ...machineSources(request, stateOf),
  ];
}

function removeOld(all: string): void {
  const beyond = readdirSync(all)
    .sort()
    .slice(0, -KEPT)
    .map((name) => join(all, name));
  for (const directory of beyond) {
    const changed = statSync(directory, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (Date.now() - changed > YOUNG_MS) rmSync(directory, { recursive: true, force: true });
  }
}

/** Of those that stand still, unless the error says so itself: that is why nobody answered. */
async function asleep({ machines, error }: EvidenceRequest, stateOf: StateOf): Promise<string> {
  const lines = machines.map(async (machine) => {
    const state = await stateOf(machine);
    const { nodeName, domainName } = machine.node;
    if (state === undefined || state.running || String(error).includes(state.text)) return "";
    const advice = wakingAdvice(state.text);
    return `\n${nodeName}: domain ${domainName} is ${state.text}${advice === undefined ? "" : `\nnext: ${advice}`}`;
  });
  return (await Promise.all(lines)).join("");
}

export const evidenceFolder = (root: string, stack: string): string => join(root, ".state/evidence", stack);

/**
 * Returns what its user is told: the directory, and which of the machines stand still. Never throws: the failure that it is about must be
 * what the user sees.
 */
export async function saveEvidence(request: EvidenceRequest): Promise<string> {
  const { root, stack, step, machines, redact = (text) => text } = request;
  const all = evidenceFolder(root, stack);
  const time = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const directory = join(all, `${time}-${machines[0].node.nodeName}-${step}`);
  const stateOf = statesOf(request);
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    await Promise.all(
      sourcesOf(request, stateOf).map(async (source) => {
        const { name, text } = await readSource(source);
        const file = join(directory, name);
        mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
        writeFileSync(file, redact(text), { mode: 0o600 });
      }),
    );
    removeOld(all);
  } catch (error) {
    return `${directory} (incomplete: ${String(error)})${await asleep(request, stateOf)}`;
  }
  return `${directory}${await asleep(request, stateOf)}`;
}

/** Work whose failure leaves evidence, and says where, unless a part of it has done so. */
export async function keepingEvidence<T>({ signal, ...request }: KeepingRequest, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (namesEvidence(error) || signal?.aborted === true) throw error;
    throw withEvidence(error, await saveEvidence({ ...request, error }));
  }
}

const NAMED = "\nevidence: ";

/** By its text: failures of several machines are told as one. */
const namesEvidence = (error: unknown): boolean => error instanceof Error && error.message.includes(NAMED);

export function withEvidence(error: unknown, where: string): unknown {
  if (error instanceof Error) error.message += `${NAMED}${where}`;
  return error;
}
