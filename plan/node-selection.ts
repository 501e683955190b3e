import type { NodeOutput } from "./experiment-outputs";

/** Which node a person means: by its name, its domain's name, or `control-plane-0` / `worker-0`. */
export type NodeIdentity = Pick<NodeOutput, "name" | "domain" | "role" | "index">;

const namesOf = (node: NodeIdentity): readonly string[] => [node.name, node.domain, `${node.role}-${node.index}`];

export const findNode = <T extends NodeIdentity>(nodes: readonly T[], wanted: string): T | undefined =>
  nodes.find((node) => namesOf(node).includes(wanted));

/** The error's text for a name that none of them has. */
export const unknownNode = (nodes: readonly NodeIdentity[], wanted: string): string => {
  const known = nodes.map((node) => {
    const [name, ...others] = [...new Set(namesOf(node))];
    return `  ${name}${others.length === 0 ? "" : ` (or ${others.join(", ")})`}`;
  });
  return [`${wanted}: no such node; the nodes are:`, ...known].join("\n");
};
