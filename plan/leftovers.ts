import { dirname } from "node:path/posix";
import { describe, hasNameOf, type HostObject, type StackIdentity } from "./host-object";
import { ownerText } from "./mark";
import { stackObjectName, type StackName } from "./names";
import { stackDirectory } from "./plan-topology";
import type { StackRecord } from "./stack-record";

/** Of what is on a host after a stack's destroy: what it has left, and what has its names and is another's. */

/** A stack that was destroyed, and what is known of it and of others with its names. */
export interface DestroyedStack extends StackName {
  /** Of its state; absent when that no longer tells. */
  readonly stackId?: string;
  readonly checkout: string;
  readonly hostName: string;
  /** `backendDigest` of the one in use. */
  readonly backend: string;
  readonly libvirtUri: string;
  /** Of every stack that is known. */
  readonly records: readonly StackRecord[];
}

/** Of what can carry no mark itself: the object with the stack's names whose mark holds for it too. */
function isHolder(object: HostObject, stack: StackName, { kind, name, path }: HostObject): boolean {
  const isNamed = name === stackObjectName(stack);
  switch (object.kind) {
    case "volume":
      return kind === "pool" && isNamed && object.pool === name;
    case "file":
      return kind === "pool" && isNamed && path === dirname(object.name);
    case "bridge":
    case "leases":
    case "dnsmasq configuration":
      return kind === "network" && isNamed;
    default:
      return kind === "domain" && name === object.of;
  }
}

/** The stack's ids: its state's, and those that this checkout has given it before. */
export function ownIds({ stackId, records, ...stack }: DestroyedStack): readonly string[] {
  const isOwn = ({ project, stack: name, checkout, hostName, backend }: StackRecord): boolean =>
    project === stack.project &&
    name === stack.stack &&
    checkout === stack.checkout &&
    hostName === stack.hostName &&
    backend === stack.backend;
  const recorded = records.filter(isOwn).map((record) => record.stackId);
  return [...new Set([...(stackId === undefined ? [] : [stackId]), ...recorded])];
}

type Owner = "own" | "unclear" | "of no concern" | StackIdentity;

/** Something with the stack's names: it stays, and nobody is told how to remove it. */
export interface Others {
  readonly object: HostObject;
  readonly whose: string;
}

export interface Sorted {
  readonly own: readonly HostObject[];
  readonly others: readonly Others[];
}

export function sortByOwner(objects: readonly HostObject[], destroyed: DestroyedStack): Sorted {
  const ids = ownIds(destroyed);
  const folder = stackDirectory(destroyed.checkout, destroyed.stack);
  const hasNames = ({ project, stack }: StackName): boolean =>
    project === destroyed.project && stack === destroyed.stack;
  const isOwn = (identity: StackIdentity): boolean => hasNames(identity) && ids.includes(identity.stackId);
  const isNamesake = (identity: StackIdentity): boolean => hasNames(identity) && !ids.includes(identity.stackId);
  // Both cannot have an object of one name, so what has no mark may be either's.
  const hasNamesake =
    objects.some(({ mark }) => mark !== undefined && isNamesake(mark)) ||
    destroyed.records.some((record) => record.libvirtUri === destroyed.libvirtUri && isNamesake(record));

  const ownerOf = (object: HostObject): Owner => {
    const isNamed = hasNameOf(destroyed, object);
    if (object.kind === "file" && object.name.startsWith(`${folder}/`)) return "own";
    if (object.mark !== undefined) {
      if (isOwn(object.mark)) return "own";
      return isNamed || isNamesake(object.mark) ? object.mark : "of no concern";
    }
    if (!isNamed) return "of no concern";
    const holder = objects.find((other) => other.mark !== undefined && isHolder(object, destroyed, other));
    if (holder?.mark !== undefined) return isOwn(holder.mark) ? "own" : holder.mark;
    return hasNamesake ? "unclear" : "own";
  };
  const whose = (owner: "unclear" | StackIdentity): string =>
    owner === "unclear"
      ? "it may be that of another stack of these names, which uses this libvirt"
      : `it is ${ownerText(owner, destroyed.records.find(({ stackId }) => stackId === owner.stackId)?.checkout)}`;

  const found = objects.map((object) => ({ object, owner: ownerOf(object) }));
  return {
    own: found.flatMap(({ object, owner }) => (owner === "own" ? [object] : [])),
    others: found.flatMap(({ object, owner }) =>
      owner === "own" || owner === "of no concern" ? [] : [{ object, whose: whose(owner) }],
    ),
  };
}

/** One line for each owner. */
export const leftAloneLines = (others: readonly Others[]): readonly string[] =>
  [...new Set(others.map(({ whose }) => whose))].map((owner) => {
    const theirs = others.filter(({ whose }) => whose === owner).map(({ object }) => describe(object));
    return `left alone, because ${owner}: ${theirs.join(", ")}`;
  });
