import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { NodeAccess, StackAccess } from "../plan/bootstrap-resources";
import { deadlineSeconds } from "../plan/deadlines";
import type { Argv } from "../plan/step";
import { ReplikubeError } from "./errors";
import { consoleTail, fileTail } from "./libvirt/console";
import { runState, wakingAdvice, type RunState } from "./libvirt/run-state";
import type { CommandRunner } from "./runner";
import { stackVirsh } from "./virsh";

/** Saves what a failure can be understood by, before anything is cleaned or tried again. No source's failure loses another. */

/** Of each source; a log's end says more than its begin. */
const LIMIT_BYTES = 256 * 1024;
const KEPT = 10;
/** Machines that fail together are many failures at once: none of them goes while it is written, or before anybody has read its error. */
const YOUNG_MS = 15 * 60_000;

export interface EvidenceRequest extends Omit<StackAccess, "privateKey"> {
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

export interface SeenMachine {
  readonly node: Pick<NodeAccess, "nodeName" | "domainName" | "consoleLog">;
  /** Absent: nobody can log in yet. */
  readonly runner?: CommandRunner;
}

interface Source {
  readonly name: string;
  readonly read: () => Promise<string>;
}

const tail = (text: string): string => {
  const bytes = Buffer.from(text);
  return bytes.length <= LIMIT_BYTES
    ? text
    : `[${bytes.length - LIMIT_BYTES} bytes left out]\n${bytes.subarray(-LIMIT_BYTES).toString("utf8")}`;
};

/** Cut on the machine: a journal may be bigger than what the line carries in time. */
const cut = (command: string): Argv => ["sh", "-c", `{ ${command}; } 2>&1 | tail -c ${LIMIT_BYTES}`];

const NODE_SOURCES: Readonly<Record<string, Argv>> = {
  "journal.log": cut("journalctl -b --no-pager -n 3000"),
  "kubelet.log": cut("journalctl -b -u kubelet --no-pager -n 2000"),
  "containers.txt": cut("crictl ps -a; crictl pods; crictl images"),
  "container-logs.log": cut('for id in $(crictl ps -aq); do echo "== $id"; crictl logs --tail 100 "$id"; done'),
  "steps.log": cut('for log in /var/lib/replikube/log/*; do echo "== $log"; cat "$log"; done'),
  "machine.txt": cut("uptime; free -m; df -h; ls -lR /etc/kubernetes /var/lib/replikube; ip addr; ip route; ps ax"),
};

/** Undefined: libvirt does not say. */
type StateOf = (machine: SeenMachine) => Promise<RunState | undefined>;

/** Each is looked at once, all at the same time. */
function statesOf({ machines, ...request }: EvidenceRequest): StateOf {
  const virsh = stackVirsh(request);
  const states = new Map(
    machines.map((machine) => [machine, runState(virsh, machine.node.domainName).catch(() => undefined)]),
  );
  return async (machine) => states.get(machine);
}

function sourcesOf(request: EvidenceRequest, stateOf: StateOf): readonly Source[] {
  const { machines, timelineFile, error } = request;
  return [
    { name: "error.txt", read: async () => (error instanceof Error ? (error.stack ?? error.message) : String(error)) },
    { name: "timeline.jsonl", read: async () => fileTail(timelineFile, LIMIT_BYTES) },
    ...machines.flatMap((machine) => machineSources(machine, request, stateOf)),
  ];
}

function machineSources(machine: SeenMachine, request: EvidenceRequest, stateOf: StateOf): readonly Source[] {
  const { node, runner } = machine;
  const virsh = stackVirsh(request);
  const seconds = deadlineSeconds("evidence", request);
  const onNode = runner === undefined ? [] : Object.entries(NODE_SOURCES);
  const sources: readonly Source[] = [
    { name: "console.log", read: () => consoleTail(virsh, node.consoleLog, LIMIT_BYTES) },
    { name: "domain.xml", read: async () => (await virsh.run(["dumpxml", node.domainName])).stdout },
    { name: "domain-state.txt", read: async () => (await runState(virsh, node.domainName)).text },
    ...onNode.map(([name, command]) => ({
      name,
      read: async () => {
        // Nobody answers who stands still: a connection would be tried for minutes.
        const state = await stateOf(machine);
        if (state?.running === false) throw new ReplikubeError(`domain ${node.domainName} is ${state.text}`);
        return (await runner?.run(command, { deadlineSeconds: seconds }))?.stdout ?? "";
      },
    })),
  ];
  return sources.map(({ name, read }) => ({ name: join(node.nodeName, name), read }));
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

/**
 * Returns what its user is told: the directory, and which of the machines stand still. Never throws: the failure that it is about must be
 * what the user sees.
 */
export async function saveEvidence(request: EvidenceRequest): Promise<string> {
  const { root, stack, step, machines, redact = (text) => text } = request;
  const all = join(root, ".state/evidence", stack);
  const time = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const directory = join(all, `${time}-${machines[0].node.nodeName}-${step}`);
  const stateOf = statesOf(request);
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    await Promise.all(
      sourcesOf(request, stateOf).map(async ({ name, read }) => {
        const text = await read().catch((error: unknown) => `cannot be had: ${String(error)}\n`);
        const file = join(directory, name);
        mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
        writeFileSync(file, redact(tail(text)), { mode: 0o600 });
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
