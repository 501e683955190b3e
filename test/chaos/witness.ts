import type { Clone } from "../fixtures/clone";
import { actsIn, recordOn } from "./leftovers";

/** Whether kubeadm did anything twice, by what the machines themselves tell. */
export interface Witness {
  /** Of a stack that is up, before a fault. */
  readonly before: () => Promise<string>;
  /** Empty: each act was done once, and what was there before is still that. */
  readonly violations: (before: string) => Promise<readonly string[]>;
  /** What it says of a stack on which everything was done twice. */
  readonly planted: () => Promise<readonly string[]>;
}

interface Watched {
  readonly clone: Clone;
  readonly stack: string;
  readonly nodes: readonly string[];
}

/** The tiny image's stand-in records each of its calls. */
export const byRecord = ({ clone, stack, nodes }: Watched): Witness => {
  const look = async (times: number): Promise<readonly string[]> => {
    const found = await Promise.all(
      nodes.map(async (node) => ({ node, acts: actsIn((await recordOn(clone, stack, node)).repeat(times)) })),
    );
    return found.flatMap(({ node, acts }) =>
      acts.length === 1 ? [] : [`${node}: kubeadm succeeded ${acts.length} times: ${acts.join(", ")}`],
    );
  };
  return { before: () => Promise.resolve(""), violations: () => look(1), planted: () => look(2) };
};

/** Of real Kubernetes: a second init makes another CA, a second join another node object. */
export const byIdentity = ({ clone, stack }: Watched): Witness => {
  const look = async (): Promise<string> => {
    const ca = await clone.lab(
      "ssh",
      "--stack",
      stack,
      "control-plane-0",
      "--",
      "sha256sum /etc/kubernetes/pki/ca.crt",
    );
    const uids = "jsonpath={range .items[*]}{.metadata.name} {.metadata.uid}{'\\n'}{end}";
    const nodes = await clone.lab("kubectl", "--stack", stack, "--", "get", "nodes", "-o", uids);
    return `${ca.stdout.trim()}\n${nodes.stdout.trim()}`;
  };
  const violations = async (before: string): Promise<readonly string[]> => {
    const after = await look();
    return before === "" || before === after ? [] : [`the cluster was made anew: ${before} became ${after}`];
  };
  return { before: look, violations, planted: () => violations("another cluster") };
};
