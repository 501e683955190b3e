import { parse } from "yaml";
import type { ClusterConfigurations } from "./bootstrap-resources";

/** What kubeadm keeps of its configuration in the cluster: read out of its ConfigMaps, and compared with what it was. */

export const CONFIG_MAPS = ["kubeadm-config", "kubelet-config"] as const;
/** The key in each of them. */
const KEYS: Readonly<Record<string, string>> = {
  "kubeadm-config": "ClusterConfiguration",
  "kubelet-config": "kubelet",
};

interface ConfigMap {
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
}

/** Of `kubectl get configmaps … --ignore-not-found -o json`, which prints nothing when it found none. One that is missing is left out. */
export function parseConfigurations(json: string): ClusterConfigurations {
  if (json.trim() === "") return {};
  const { items }: { readonly items: readonly ConfigMap[] } = JSON.parse(json);
  return Object.fromEntries(items.map(({ metadata: { name }, data }) => [name, data?.[KEYS[name] ?? ""] ?? ""]));
}

const isTree = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

function paths(before: unknown, after: unknown, at: string): readonly string[] {
  if (before === after) return [];
  if (!isTree(before) || !isTree(after) || Array.isArray(before) !== Array.isArray(after)) return [at];
  const step = (name: string): string => (Array.isArray(after) ? `${at}[${name}]` : at === "" ? name : `${at}.${name}`);
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => paths(before[name], after[name], step(name)));
}

function parsed(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return text;
  }
}

/** In words; empty: nothing that means something differs. */
export const configurationWords = (before: ClusterConfigurations, after: ClusterConfigurations): readonly string[] =>
  Object.entries(before).flatMap(([name, text]) => {
    const now = after[name];
    if (now === undefined) return [`${name} is missing`];
    const changed = paths(parsed(text), parsed(now), "");
    return changed.length === 0 ? [] : [`${name} differs: ${changed.map((path) => path || "all of it").join(", ")}`];
  });
