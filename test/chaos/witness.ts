import { succeeded, type Clone } from "../fixtures/clone";
import { actsIn, doubleRecordOn, recordOn } from "./kubeadm-record";

/** Whether kubeadm did anything twice, by what the machines themselves tell. */
export interface Witness {
  /** Of a stack that is up, before a fault. */
  readonly before: () => Promise<string>;
  /** Empty: each act was done once, and what was there before is still that. */
  readonly violations: (before: string) => Promise<readonly string[]>;
  /** Does something twice, so that it can be seen whether it is seen. */
  readonly plant: () => Promise<void>;
}

interface Watched {
  readonly clone: Clone;
  readonly stack: string;
  readonly nodes: readonly string[];
}

/** The tiny image's stand-in records each of its calls. */
export const byRecord = ({ clone, stack, nodes }: Watched): Witness => {
  const violations = async (): Promise<readonly string[]> => {
    const found = await Promise.all(
      nodes.map(async (node) => ({ node, acts: actsIn(await recordOn(clone, stack, node)) })),
    );
    return found.flatMap(({ node, acts }) =>
      acts.length === 1 ? [] : [`${node}: kubeadm succeeded ${acts.length} times: ${acts.join(", ")}`],
    );
  };
  const plant = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => doubleRecordOn(clone, stack, node)));
  };
  return { before: () => Promise.resolve(""), violations, plant };
};

/** Of real Kubernetes: a second init makes another CA, a second join another node object. */
export const byIdentity = ({ clone, stack, nodes }: Watched): Witness => {
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
    const named = await clone.lab("kubectl", "--stack", stack, "--", "get", "nodes", "-o", uids);
    return `${ca.stdout.trim()}\n${named.stdout.trim()}`;
  };
  const violations = async (before: string): Promise<readonly string[]> => {
    const after = await look();
    return before === "" || before === after ? [] : [`the cluster was made anew: ${before} became ${after}`];
  };
  const plant = async (): Promise<void> => {
    const gone = await clone.lab("kubectl", "--stack", stack, "--", "delete", "node", nodes.at(-1) ?? "");
    succeeded(gone);
  };
  return { before: look, violations, plant };
};
