import { OBSERVED_OK } from "./bootstrap-resources";

/** What the nodes of a cluster look like to a refresh, in words; nothing that changes by itself is read. */

interface NodeObject {
  readonly metadata: { readonly name: string };
  readonly spec?: { readonly unschedulable?: boolean };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

export interface NodeExpectations {
  readonly nodeNames: readonly string[];
  /** Those whose machines run with other processors or memory than planned. */
  readonly resized: readonly string[];
  /** Without a CNI of the plan's no node is Ready until the user brings one. */
  readonly hasCni: boolean;
}

export interface NodesObservation {
  readonly observed: string;
  readonly cordoned: readonly string[];
}

const isReady = ({ status }: NodeObject): boolean =>
  status?.conditions?.some((condition) => condition.type === "Ready" && condition.status === "True") === true;

/** Of `kubectl get nodes -o json`. Nodes that nobody planned are nobody's business here. */
export function observeNodes(json: string, { nodeNames, resized, hasCni }: NodeExpectations): NodesObservation {
  const { items }: { readonly items: readonly NodeObject[] } = JSON.parse(json);
  const of = (name: string): NodeObject | undefined => items.find(({ metadata }) => metadata.name === name);
  const cordoned = nodeNames.filter((name) => of(name)?.spec?.unschedulable === true);
  const words = nodeNames.flatMap((name) => {
    const node = of(name);
    if (node === undefined) return [`${name} is missing`];
    return [
      ...(hasCni && !isReady(node) ? [`${name} is NotReady`] : []),
      ...(cordoned.includes(name) ? [`${name} is cordoned`] : []),
      ...(resized.includes(name) ? [`${name} runs with another size`] : []),
    ];
  });
  return { observed: words.length === 0 ? OBSERVED_OK : words.join("; "), cordoned };
}
