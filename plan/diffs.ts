import { OBSERVED_OK } from "./bootstrap-resources";
import { canonicalText } from "./foundation";

/** What a changed input means for a resource of the bootstrap: nothing, a run in place, or a new one. */

export interface Diff {
  readonly changes: boolean;
  readonly replaces: string[];
  readonly deleteBeforeReplace: boolean;
}

type Properties = Readonly<Record<string, unknown>>;

/** How the engine hands over what a preview cannot know (pulumi's UnknownStringValue). */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export interface DiffRule {
  /** A changed value replaces, an unknown one too when it is an `instance` or `clusterInstance`. */
  readonly replacing: readonly string[];
  /** A changed value runs the resource again in place. Everything not named here or above is ignored. */
  readonly updating: readonly string[];
  /** Those of `updating` in which an unknown value counts as a change. */
  readonly updatingWhenUnknown?: readonly string[];
  readonly deleteBeforeReplace: boolean;
}

const containsUnknown = (value: unknown): boolean =>
  value === UNKNOWN ||
  (typeof value === "object" && value !== null && Object.values(value).some((each) => containsUnknown(each)));

/** Key order is the engine's affair. */
const differ = (a: unknown, b: unknown): boolean => canonicalText(a) !== canonicalText(b);

const at = (properties: Properties, path: string): unknown =>
  path
    .split(".")
    .reduce<unknown>(
      (value, key) =>
        typeof value === "object" && value !== null
          ? Object.entries(value).find(([name]) => name === key)?.[1]
          : undefined,
      properties,
    );

/** Of these an unknown value means a new machine or cluster; of anything else it only means that a preview cannot tell. */
const IDENTITIES: readonly string[] = ["instance", "clusterInstance"];

export function diffBy(rule: DiffRule, olds: Properties, news: Properties): Diff {
  const changed = (path: string, unknownCounts: boolean): boolean =>
    containsUnknown(at(news, path)) ? unknownCounts : differ(at(olds, path), at(news, path));
  const replaces = rule.replacing.filter((path) => changed(path, IDENTITIES.includes(path)));
  const updates = rule.updating.some((path) => changed(path, rule.updatingWhenUnknown?.includes(path) === true));
  const observed = olds["observed"];
  const toRepair = observed !== undefined && observed !== OBSERVED_OK;
  return {
    changes: replaces.length > 0 || updates || toRepair,
    // The engine looks for the first part of a path among the properties.
    replaces: [...new Set(replaces.map((path) => path.split(".")[0] ?? path))],
    deleteBeforeReplace: rule.deleteBeforeReplace,
  };
}

/** Ways to a machine (host key, private key, URI) follow its instance, so they are never a change by themselves. */
const RULES = {
  // The same derivation is the same image, from whichever flake it comes.
  image: { replacing: [], updating: ["drvPath", "outPath"], deleteBeforeReplace: false },
  guest: {
    replacing: ["instance", "nodeName", "domainName", "address"],
    updating: [],
    deleteBeforeReplace: true,
  },
  init: {
    replacing: ["instance", "cluster", "node.nodeName", "node.address", "node.taints"],
    updating: ["node.labels"],
    deleteBeforeReplace: true,
  },
  token: { replacing: ["instance", "clusterInstance", "nodeName"], updating: [], deleteBeforeReplace: false },
  join: {
    replacing: ["instance", "clusterInstance", "node.nodeName", "node.address", "node.taints"],
    updating: ["node.labels"],
    deleteBeforeReplace: true,
  },
  ready: {
    replacing: ["clusterInstance"],
    updating: ["nodes", "hasCni", "probeImage"],
    updatingWhenUnknown: ["nodes"],
    deleteBeforeReplace: false,
  },
  // How its cluster is reached is no reason to run a workload again.
  workload: { replacing: ["clusterInstance", "settings"], updating: [], deleteBeforeReplace: false },
} as const satisfies Readonly<Record<string, DiffRule>>;

export const diffNixBuild = (olds: Properties, news: Properties): Diff => diffBy(RULES.image, olds, news);
export const diffGuest = (olds: Properties, news: Properties): Diff => diffBy(RULES.guest, olds, news);
export const diffKubeadmInit = (olds: Properties, news: Properties): Diff => diffBy(RULES.init, olds, news);
export const diffJoinToken = (olds: Properties, news: Properties): Diff => diffBy(RULES.token, olds, news);
export const diffKubeadmJoin = (olds: Properties, news: Properties): Diff => diffBy(RULES.join, olds, news);
export const diffClusterReady = (olds: Properties, news: Properties): Diff => diffBy(RULES.ready, olds, news);
export const diffWorkloadEnvironment = (olds: Properties, news: Properties): Diff => diffBy(RULES.workload, olds, news);
