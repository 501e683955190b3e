import { sh } from "./step-commands";
import type { Argv } from "./step";

/** What is looked at on every machine before anything is done to it, and what must hold. */

export interface NodeFacts {
  readonly hostName: string;
  readonly machineId: string;
  /** Seconds since 1970. */
  readonly clock: number;
  readonly swaps: number;
  /** Of the programs and sockets that a node must have. */
  readonly missing: readonly string[];
}

export interface ExpectedNode {
  readonly nodeName: string;
  /** Path of the container runtime's socket. */
  readonly criSocket: string;
  /** Clock of this machine, seconds since 1970. */
  readonly clock: number;
}

const PROGRAMS = ["kubeadm", "kubelet", "kubectl", "crictl"] as const;
/** Certificates are valid from the moment they are made: a node whose clock is behind would not take them. */
const MAX_SKEW_SECONDS = 60;
const NAMES = ["hostName", "machineId", "clock", "swaps", "missing"] as const;

export const factsCommand = (criSocket: string): Argv =>
  sh(
    `echo hostName=$(hostname)
echo machineId=$(cat /etc/machine-id 2>/dev/null)
echo clock=$(date +%s)
echo swaps=$(sed 1d /proc/swaps 2>/dev/null | wc -l)
echo missing=$(for p in ${PROGRAMS.join(" ")}; do command -v $p > /dev/null || echo $p; done; test -S ${criSocket.replace("unix://", "")} || echo ${criSocket})`,
  );

export function parseFacts(text: string): NodeFacts {
  const values = new Map(
    text.split("\n").map((line) => [line.split("=", 1)[0] ?? "", line.slice(line.indexOf("=") + 1)]),
  );
  const [hostName = "", machineId = "", clock = "", swaps = "", missing = ""] = NAMES.map((name) => values.get(name));
  return {
    hostName,
    machineId,
    clock: Number(clock),
    swaps: Number(swaps),
    missing: missing.split(" ").filter((word) => word !== ""),
  };
}

/** All that is wrong, each as got and expected. */
export function factProblems(facts: NodeFacts, expected: ExpectedNode): readonly string[] {
  const skew = Math.abs(facts.clock - expected.clock);
  return [
    ...(facts.hostName === expected.nodeName
      ? []
      : [`host name: expected ${expected.nodeName}, got ${facts.hostName || "none"}`]),
    ...(skew <= MAX_SKEW_SECONDS
      ? []
      : [`clock: ${skew} s away from this machine's, at most ${MAX_SKEW_SECONDS} are allowed`]),
    ...(facts.swaps === 0 ? [] : [`swap: expected none, got ${facts.swaps} areas`]),
    ...facts.missing.map((name) => `image: expected ${name}, it is not there`),
  ];
}
