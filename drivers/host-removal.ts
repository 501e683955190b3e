import type { HostObject, StackIdentity } from "../plan/leftovers";
import type { Mark } from "../plan/mark";
import { stackObjectName } from "../plan/names";
import { removeDomain } from "./libvirt/domains";
import { removeNetwork } from "./libvirt/networks";
import { lookAtPool, removePool } from "./libvirt/pools";
import { removeVolume } from "./libvirt/volumes";
import { virshFor, type Virsh } from "./virsh";

/**
 * Takes away what a killed command made and Pulumi never heard of. Only what carries this very stack's id goes, volumes with
 * the pool that carries it, and a pool without a mark when its folder is the stack's own.
 */
export interface StackRemnants {
  readonly identity: Required<StackIdentity>;
  /** Below the stack's folder in this checkout. */
  readonly poolFolder: string;
  readonly objects: readonly HostObject[];
}

type Remove = (virsh: Virsh, name: string, mark: Mark) => Promise<void>;

const NO_ID = { id: "" } as const;

const REMOVE: Readonly<Partial<Record<HostObject["kind"], Remove>>> = {
  domain: (virsh, name, mark) => removeDomain(virsh, name, { mark, ...NO_ID }),
  network: (virsh, name, mark) => removeNetwork(virsh, name, { mark, ...NO_ID }),
  pool: (virsh, name, mark) => removePool(virsh, name, { mark, ...NO_ID }),
};

/** A disk can go when no machine has it, a pool when no disk is in it. */
const ORDER: readonly HostObject["kind"][] = ["domain", "volume", "pool", "network"];

/** Killed between being defined and being marked. */
async function removeUnmarkedPool(virsh: Virsh, name: string, poolFolder: string): Promise<boolean> {
  const pool = await lookAtPool(virsh, name);
  if (pool === undefined || pool.mark !== undefined || pool.path !== poolFolder) return false;
  await removePool(virsh, name, { mark: undefined, id: pool.uuid });
  return true;
}

/** Returns what it removed. */
export async function removeRemnants(libvirtUri: string, remnants: StackRemnants): Promise<readonly string[]> {
  const { identity, poolFolder, objects } = remnants;
  const virsh = virshFor(libvirtUri);
  const ownName = stackObjectName(identity);
  const isOwn = ({ mark }: HostObject): boolean =>
    mark?.stackId === identity.stackId && mark.project === identity.project && mark.stack === identity.stack;
  const ownPools = new Set(objects.filter((each) => each.kind === "pool" && isOwn(each)).map(({ name }) => name));
  const removed: string[] = [];
  for (const kind of ORDER) {
    for (const object of objects.filter((each) => each.kind === kind)) {
      const { name, pool, mark } = object;
      if (kind === "volume" && pool !== undefined && ownPools.has(pool) && name.startsWith(`${ownName}-`)) {
        await removeVolume(virsh, name, pool, { ...identity, resource: "" });
      } else if (mark !== undefined && isOwn(object)) {
        await REMOVE[kind]?.(virsh, name, { ...mark, resource: "" });
      } else if (kind !== "pool" || name !== ownName || !(await removeUnmarkedPool(virsh, name, poolFolder))) continue;
      removed.push(`${kind} ${name}`);
    }
  }
  return removed;
}
