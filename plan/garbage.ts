import { join } from "node:path/posix";
import { embeddedHostLayout } from "./embedded-host";
import type { HostObject, StackIdentity } from "./host-object";
import { stackDirectory } from "./plan-topology";
import { remnantsOf, type RemnantSearch } from "./remnants";
import { stackPoolUuid } from "./stack-pool";
import { backendDigest, ownBackend, type StackRecord } from "./stack-record";

/**
 * What of a host is left of stacks that nobody knows any more. A mark says which stack an object is of, a record which checkout
 * made that stack; an object is garbage only when both are known and that checkout has no state of the stack. In doubt it is not.
 */

export interface KnownRecord extends StackRecord {
  readonly checkoutIs: "there" | "gone" | "unknown";
}

/** A stack in the backend that this checkout uses. */
export interface OwnStack {
  readonly stack: string;
  /** Absent: its state has nothing yet. */
  readonly stackId?: string;
  /** Who works on it just now. */
  readonly holder?: string;
}

export interface GarbageSearch {
  readonly checkout: string;
  readonly hostName: string;
  /** `backendDigest` of the one in use. */
  readonly backend: string;
  /** False of Pulumi's cloud, which lists the stacks of one organisation. */
  readonly listsEveryStack: boolean;
  readonly ownStacks: readonly OwnStack[];
  readonly records: readonly KnownRecord[];
  /** The one in use. */
  readonly libvirtUri: string;
  /** All that it has. */
  readonly objects: readonly HostObject[];
}

/** All objects that carry one stack's mark, and the pool that was to get it; none when only the record is left. */
interface MarkedStack {
  readonly identity: StackIdentity;
  readonly objects: readonly HostObject[];
}

export interface Orphan extends MarkedStack {
  readonly kind: "orphan";
  readonly checkout: string;
  readonly why: string;
  readonly search: RemnantSearch;
  /** What goes, in the order in which it can. */
  readonly remnants: readonly HostObject[];
  /** Another stack of that name is there, and has its folder and its addresses. */
  readonly hasSuccessor: boolean;
  /** Of the embedded host that went with the checkout, if it had one. */
  readonly hostDirectory?: string;
}

export type Verdict =
  | Orphan
  | (MarkedStack & { readonly kind: "left"; readonly why: string })
  /** It has a state here, or was on another libvirt than the one that was looked at. */
  | (MarkedStack & { readonly kind: "alive" | "elsewhere" });

const keyOf = ({ stackId, project, stack }: StackIdentity): string => [stackId, project, stack].join("\0");

function markedStacks(objects: readonly HostObject[], records: readonly StackRecord[]): readonly MarkedStack[] {
  const identities = [...objects.flatMap(({ mark }) => mark ?? []), ...records];
  const unique = new Map(identities.map((identity) => [keyOf(identity), identity]));
  return [...unique].map(([key, { stackId, project, stack }]) => {
    const identity = { stackId, project, stack };
    const poolUuid = stackPoolUuid(identity);
    const isOf = ({ mark, uuid }: HostObject): boolean =>
      mark === undefined ? uuid === poolUuid : keyOf(mark) === key;
    return { identity, objects: objects.filter(isOf) };
  });
}

/** A checkout that was moved has left its place too, but its disks would be where they were. */
const disksElsewhere = ({ objects }: MarkedStack, checkout: string): string | undefined =>
  objects.find(({ kind, path }) => kind === "pool" && path?.startsWith(`${checkout}/`) === false)?.path;

/** Why it is not known to be garbage; undefined: it is. */
function doubt(marked: MarkedStack, record: KnownRecord, search: GarbageSearch): string | undefined {
  const { stack } = marked.identity;
  const { checkout, hostName, backend } = record;
  if (hostName !== search.hostName) return `it is a stack of ${checkout} on ${hostName}`;
  if (checkout === search.checkout) {
    const holder = search.ownStacks.find((own) => own.stack === stack)?.holder;
    if (holder !== undefined) return `${holder} works on stack ${stack}`;
    if (backend === "") return "in which backend its state was is not known";
    if (backend !== search.backend) return "its state is not in the backend that is used now";
    return search.listsEveryStack ? undefined : "its state may be that of another organisation in the backend";
  }
  if (record.checkoutIs === "there") return `it is a stack of ${checkout}, which is there`;
  if (record.checkoutIs === "unknown") return `whether ${checkout}, which made it, is there cannot be seen`;
  const gone = `${checkout}, which made it, is gone`;
  if (backend !== backendDigest(ownBackend(checkout))) return `${gone}, but its state was kept elsewhere`;
  const disks = disksElsewhere(marked, checkout);
  return disks === undefined ? undefined : `${gone} or was moved: its disks were kept in ${disks}`;
}

function orphan(marked: MarkedStack, { checkout, libvirtUri }: KnownRecord, search: GarbageSearch): Orphan {
  const { stack, stackId } = marked.identity;
  const isOwn = checkout === search.checkout;
  const hasSuccessor = isOwn && search.ownStacks.some((own) => own.stack === stack && own.stackId !== undefined);
  const poolFolder = join(stackDirectory(checkout, stack), "pool");
  const remnantSearch = { identity: marked.identity, objects: search.objects, ...(!hasSuccessor && { poolFolder }) };
  const hostDirectory = join(checkout, ".state/host");
  return {
    ...marked,
    kind: "orphan",
    checkout,
    why: isOwn
      ? `this checkout has no state of stack ${stack}, id ${stackId}, any more`
      : `stack ${stack} of ${checkout}, which is gone`,
    search: remnantSearch,
    remnants: remnantsOf(remnantSearch),
    hasSuccessor,
    ...(!isOwn && embeddedHostLayout(hostDirectory).uri === libvirtUri && { hostDirectory }),
  };
}

function verdictOf(marked: MarkedStack, search: GarbageSearch): Verdict {
  const { stackId } = marked.identity;
  if (search.ownStacks.some((own) => own.stackId === stackId)) return { ...marked, kind: "alive" };
  const record = search.records.find((each) => each.stackId === stackId);
  if (record === undefined) {
    return { ...marked, kind: "left", why: "nothing is known of the checkout that made it: it may be another user's" };
  }
  const why = doubt(marked, record, search);
  const seen = marked.objects.length > 0 || record.libvirtUri === search.libvirtUri;
  if (why !== undefined) return seen ? { ...marked, kind: "left", why } : { ...marked, kind: "elsewhere" };
  const found = orphan(marked, record, search);
  return seen || found.hostDirectory !== undefined ? found : { ...marked, kind: "elsewhere" };
}

export const verdictsOn = (search: GarbageSearch): readonly Verdict[] =>
  markedStacks(search.objects, search.records).map((marked) => verdictOf(marked, search));

/** Of ours by its name alone: a bridge can carry no mark, and goes with its network. */
const BRIDGE = /^rk[0-9a-f]{8}$/;

/** Bridges that look like a stack's and that no network has any more. */
export function strayBridges(
  objects: readonly HostObject[],
  bridgeOf: (mark: StackIdentity) => string,
): readonly string[] {
  const used = new Set(objects.flatMap(({ kind, mark }) => (kind === "network" && mark ? [bridgeOf(mark)] : [])));
  return objects.flatMap(({ kind, name }) => (kind === "bridge" && BRIDGE.test(name) && !used.has(name) ? [name] : []));
}
