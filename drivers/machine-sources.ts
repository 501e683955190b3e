import { join } from "node:path";
import type { NodeAccess, StackAccess } from "../plan/bootstrap-resources";
import { deadlineSeconds } from "../plan/deadlines";
import { shellLine } from "../plan/shell";
import type { Argv } from "../plan/step";
import { ADMIN_KUBECONFIG, kubectl } from "../plan/step-commands";
import { ReplikubeError } from "./errors";
import { consoleTail, fileTail } from "./libvirt/console";
import { runState, type RunState } from "./libvirt/run-state";
import { embeddedHostOf } from "./reach";
import type { CommandRunner } from "./runner";
import { stackVirsh } from "./virsh";

/** What a stack's machines and their libvirt say of themselves when something went wrong. */

/** Of each source; a log's end says more than its begin. */
export const LIMIT_BYTES = 256 * 1024;

export interface SeenMachine {
  readonly node: Pick<NodeAccess, "nodeName" | "domainName"> & Partial<Pick<NodeAccess, "consoleLog">>;
  /** Absent: nobody can log in yet. */
  readonly runner?: CommandRunner;
}

export interface SeenMachines extends Omit<StackAccess, "privateKey"> {
  readonly machines: readonly SeenMachine[];
}

export interface Source {
  /** A path. */
  readonly name: string;
  readonly read: () => Promise<string>;
}

export interface SourceText {
  readonly name: string;
  readonly text: string;
}

/** Undefined: libvirt does not say. */
export type StateOf = (machine: SeenMachine) => Promise<RunState | undefined>;

/** Cut on the machine: a journal may be bigger than what the line carries in time. */
const cut = (command: string): Argv => ["sh", "-c", `{ ${command}; } 2>&1 | tail -c ${LIMIT_BYTES}`];

const list = (...what: readonly string[]): string => shellLine(kubectl("--request-timeout=20s", "get", ...what));

const NODE_SOURCES: Readonly<Record<string, Argv>> = {
  "journal.log": cut("journalctl -b --no-pager -n 3000"),
  "kubelet.log": cut("journalctl -b -u kubelet --no-pager -n 2000"),
  "containers.txt": cut("crictl ps -a; crictl pods; crictl images"),
  "container-logs.log": cut('for id in $(crictl ps -aq); do echo "== $id"; crictl logs --tail 100 "$id"; done'),
  "cluster.txt": cut(
    `[ -e ${ADMIN_KUBECONFIG} ] || { echo "only a control plane knows"; exit; }; ${list("nodes,pods", "-A", "-o", "wide")}; ${list("events", "-A", "--sort-by=.lastTimestamp")} | tail -n 300`,
  ),
  "steps.log": cut('for log in /var/lib/replikube/log/*; do echo "== $log"; cat "$log"; done'),
  "machine.txt": cut("uptime; free -m; df -h; ls -lR /etc/kubernetes /var/lib/replikube; ip addr; ip route; ps ax"),
};

/** Each is looked at once, all at the same time. */
export function statesOf({ machines, ...access }: SeenMachines): StateOf {
  const virsh = stackVirsh(access);
  const states = new Map(
    machines.map((machine) => [machine, runState(virsh, machine.node.domainName).catch(() => undefined)]),
  );
  return async (machine) => states.get(machine);
}

function sourcesOf(machine: SeenMachine, access: Omit<StackAccess, "privateKey">, stateOf: StateOf): readonly Source[] {
  const { node, runner } = machine;
  const virsh = stackVirsh(access);
  const seconds = deadlineSeconds("evidence", access);
  const onNode = runner === undefined ? [] : Object.entries(NODE_SOURCES);
  const { consoleLog } = node;
  const host = embeddedHostOf(access.libvirtUri);
  const sources: readonly Source[] = [
    ...(consoleLog === undefined
      ? []
      : [{ name: "console.log", read: () => consoleTail(virsh, consoleLog, LIMIT_BYTES) }]),
    // Why a machine did not start, or died, stands nowhere else. Another libvirt's is not this user's to read.
    ...(host === undefined
      ? []
      : [
          {
            name: "qemu.log",
            read: async () => fileTail(join(host, "log/qemu", `${node.domainName}.log`), LIMIT_BYTES),
          },
        ]),
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

/** In a folder for each machine. */
export function machineSources(seen: SeenMachines, stateOf: StateOf = statesOf(seen)): readonly Source[] {
  const { machines, ...access } = seen;
  return machines.flatMap((machine) => sourcesOf(machine, access, stateOf));
}

const tail = (text: string): string => {
  const bytes = Buffer.from(text);
  return bytes.length <= LIMIT_BYTES
    ? text
    : `[${bytes.length - LIMIT_BYTES} bytes left out]\n${bytes.subarray(-LIMIT_BYTES).toString("utf8")}`;
};

/** What cannot be had says why in its place. */
export async function readSource({ name, read }: Source): Promise<SourceText> {
  const text = await read().catch((error: unknown) => `cannot be had: ${String(error)}\n`);
  return { name, text: tail(text) };
}
