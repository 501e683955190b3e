import { createHash } from "node:crypto";
import type { Acceleration, ClusterPlan, MachinePlan } from "./topology";

/** What a machine's disk is good for: with anything of it changed, what was made on the disk is another cluster's or another node's. */
export interface Foundation {
  readonly cluster: string;
  readonly node: string;
  readonly acceleration: Acceleration;
}

/** Key order does not matter; one that is absent and one that is undefined are the same. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, canonical(each)]));
}

/** As JSON. */
export const canonicalText = (value: unknown): string => JSON.stringify(canonical(value));

/** 16 hexadecimal digits. */
export const foundationOf = (value: unknown): string =>
  createHash("sha256").update(canonicalText(value)).digest("hex").slice(0, 16);

/** What kubeadm and the machine write down of a node at its first boot. */
export const identityOf = ({ nodeName, address, taints }: Pick<MachinePlan, "nodeName" | "address" | "taints">) => ({
  nodeName,
  address,
  taints,
});

/**
 * Which cluster it is, known before it is made: a preview can tell a control plane that is only looked after (nothing else changes)
 * from one that is made anew (everybody joins again). Of everything that replaces KubeadmInit, and of nothing else.
 */
export const clusterInstanceOf = ({ instance, cluster, node }: ClusterIdentity): string =>
  foundationOf({ instance, cluster, ...identityOf(node) });

export interface ClusterIdentity {
  /** Of the control plane's domain. */
  readonly instance: string;
  readonly cluster: ClusterPlan;
  readonly node: Pick<MachinePlan, "nodeName" | "address" | "taints">;
}

export const foundationOfMachine = (
  machine: Pick<MachinePlan, "nodeName" | "address" | "taints" | "mac">,
  { cluster, acceleration }: { readonly cluster: ClusterPlan; readonly acceleration: Acceleration },
): Foundation => ({
  cluster: foundationOf(cluster),
  node: foundationOf({ ...identityOf(machine), mac: machine.mac }),
  acceleration,
});
