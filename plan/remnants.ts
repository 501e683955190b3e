import type { HostObject, StackIdentity } from "./host-object";
import { stackObjectName } from "./names";
import { stackPoolUuid } from "./stack-pool";

/**
 * What of a host may be taken away with a stack that nobody knows any more: only what carries this very stack's id, volumes with
 * the pool that carries it, and a pool whose mark cannot be seen when its UUID or its folder is the stack's own.
 */
export interface RemnantSearch {
  readonly identity: StackIdentity;
  /** Below the stack's folder in its checkout; absent: another stack has that folder now. */
  readonly poolFolder?: string;
  readonly objects: readonly HostObject[];
}

/** A disk can go when no machine has it, a pool when no disk is in it. */
const ORDER: readonly HostObject["kind"][] = ["domain", "volume", "pool", "network"];

/** In the order in which they can go. */
export function remnantsOf({ identity, poolFolder, objects }: RemnantSearch): readonly HostObject[] {
  const { project, stack, stackId } = identity;
  const ownName = stackObjectName(identity);
  const isMarked = ({ mark }: HostObject): boolean =>
    mark?.stackId === stackId && mark.project === project && mark.stack === stack;
  // Killed before it had its mark, or switched off: then nobody can read it.
  const isByFolder = ({ kind, name, mark, path }: HostObject): boolean =>
    kind === "pool" && mark === undefined && name === ownName && path !== undefined && path === poolFolder;
  const ownUuid = stackPoolUuid(identity);
  const isByUuid = ({ kind, mark, uuid }: HostObject): boolean =>
    kind === "pool" && mark === undefined && uuid === ownUuid;
  const ownPools = new Set(objects.filter((each) => each.kind === "pool" && isMarked(each)).map(({ name }) => name));
  const isDisk = ({ kind, name, pool }: HostObject): boolean =>
    kind === "volume" && pool !== undefined && ownPools.has(pool) && name.startsWith(`${ownName}-`);
  const own = objects.filter((each) => isMarked(each) || isByFolder(each) || isByUuid(each) || isDisk(each));
  return ORDER.flatMap((kind) => own.filter((each) => each.kind === kind));
}
