import type { Acceleration } from "./topology";

/** How long what is waited for may take, by name. A stack may set each in seconds; what it does not set is the default times its factor. */

interface Deadline {
  /** On a host that runs guests natively and does nothing else. */
  readonly seconds: number;
  readonly of: string;
}

/** The guide has the same table (docs/guide/deadlines.md; a test compares them). */
export const DEADLINES = {
  boot: { seconds: 180, of: "a machine that was switched on, until its guest agent answers" },
  address: { seconds: 60, of: "its address, after that" },
  hostKey: { seconds: 60, of: "its SSH host key, after that" },
  ssh: { seconds: 90, of: "its first answer over SSH" },
  runtime: { seconds: 60, of: "its container runtime, after that" },
  init: { seconds: 240, of: "kubeadm init" },
  controllers: { seconds: 120, of: "the API server to be healthy after kubeadm init, and what is started then" },
  apiServer: { seconds: 180, of: "the API server to be healthy after its machine has come back, and before a removal" },
  join: { seconds: 120, of: "kubeadm join" },
  register: { seconds: 60, of: "the node of a machine that joined" },
  reset: { seconds: 90, of: "kubeadm reset, of what a killed kubeadm or another cluster left" },
  nodeReady: { seconds: 180, of: "nodes to be Ready: all of them, a new one (`replace: rolling`), one that came back" },
  dns: { seconds: 180, of: "CoreDNS to be available" },
  pods: { seconds: 180, of: "pods on every node to ask CoreDNS and to reach each other" },
  drain: { seconds: 60, of: "the pods of a node that goes or restarts to leave it" },
  shutdown: { seconds: 60, of: "a guest to shut down; then it is switched off" },
  look: {
    seconds: 30,
    of: "one look at a machine or a cluster, by a refresh (which then says `unreachable`) and while SSH is awaited",
  },
  connect: { seconds: 30, of: "one SSH connection" },
  command: { seconds: 60, of: "one short command on a machine: kubectl, kubeadm token, reading a file" },
  evidence: { seconds: 20, of: "each thing that is kept of a failure" },
  virsh: { seconds: 60, of: "one call of virsh; at least 60 for what makes, changes and deletes libvirt's objects" },
  upload: { seconds: 4 * 3600, of: "a part of the node image, copied to another host" },
  evaluation: { seconds: 600, of: "one evaluation by Nix" },
} as const satisfies Readonly<Record<string, Deadline>>;

export type DeadlineName = keyof typeof DEADLINES;

export const DEADLINE_NAMES: readonly DeadlineName[] = Object.keys(DEADLINES).filter(
  (name): name is DeadlineName => name in DEADLINES,
);

/** Seconds, as they are: no factor counts for them. */
export type OwnDeadlines = { readonly [Name in DeadlineName]?: number | undefined };

/** Of a stack. No resource shows a change when they change. */
export interface Deadlines {
  /** Multiplies every default. */
  readonly deadlinesFactor: number;
  /** Absent in the state of a stack that was made before there were any. */
  readonly deadlines?: OwnDeadlines;
}

/** Emulated guests on two cores take up to five times what the defaults allow for. */
export const DEADLINES_FACTOR: Readonly<Record<Acceleration, number>> = { kvm: 1, tcg: 5 };

export const deadlineSeconds = (name: DeadlineName, { deadlinesFactor, deadlines }: Deadlines): number =>
  deadlines?.[name] ?? Math.ceil(DEADLINES[name].seconds * deadlinesFactor);

/** Those of steps on machines (test/plan/bootstrap-steps.test.ts finds one that is not here). */
export const STEP_DEADLINES = [
  "init",
  "controllers",
  "apiServer",
  "join",
  "reset",
  "nodeReady",
  "dns",
  "pods",
  "drain",
  "command",
] as const satisfies readonly DeadlineName[];

export const longestStepSeconds = (deadlines: Deadlines): number =>
  Math.max(...STEP_DEADLINES.map((name) => deadlineSeconds(name, deadlines)));

/** As a step has it. */
export const within = (name: DeadlineName, deadlines: Deadlines) => ({
  deadline: name,
  deadlineSeconds: deadlineSeconds(name, deadlines),
});

/** What to do about one that has passed. */
export const lengthen = (name: DeadlineName): string => `if it is only slow, give it longer: deadlines.${name}`;
