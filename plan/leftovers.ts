import { bridgeName, stackObjectName, type StackName } from "./names";

/** What on a host belongs to a stack: after a destroy nothing may. */
export type HostObjectKind = "domain" | "network" | "pool" | "volume" | "bridge" | "file";

export interface HostObject {
  readonly kind: HostObjectKind;
  readonly name: string;
  /** Who made it, where the object can carry that. */
  readonly mark?: { readonly stackId: string; readonly project: string; readonly stack: string };
  /** Of a volume. */
  readonly pool?: string;
  /** Of a pool. */
  readonly path?: string;
}

export interface StackIdentity extends StackName {
  /** Absent when the state no longer tells: objects with this stack's names then all count as its own. */
  readonly stackId?: string;
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Stack `dev` must not take `replikube-dev-two-worker-0` of stack `dev-two` for its own. */
const machineName = (identity: StackIdentity, end: string): RegExp =>
  new RegExp(`^${escaped(stackObjectName(identity))}-(control-plane|worker)-\\d+${end}`);

const HAS_STACKS_NAME: Readonly<Record<HostObjectKind, (object: HostObject, identity: StackIdentity) => boolean>> = {
  domain: ({ name }, identity) => machineName(identity, "$").test(name),
  network: ({ name }, identity) => name === stackObjectName(identity),
  pool: ({ name }, identity) => name === stackObjectName(identity),
  volume: ({ name, pool }, identity) => pool === stackObjectName(identity) || machineName(identity, "\\b").test(name),
  bridge: ({ name }, identity) => name === bridgeName(identity),
  file: () => true, // only the stack's own directory is looked at
};

export const belongsTo = (object: HostObject, identity: StackIdentity): boolean => {
  if (object.mark === undefined) return HAS_STACKS_NAME[object.kind](object, identity);
  const { project, stack, stackId } = object.mark;
  if (project !== identity.project || stack !== identity.stack) return false;
  return identity.stackId === undefined || stackId === identity.stackId;
};

export const describe = ({ kind, name, pool }: HostObject): string =>
  `${kind} ${name}${pool === undefined ? "" : ` in pool ${pool}`}`;

/** How to remove each kind by hand. */
const REMEDY: Readonly<Record<HostObjectKind, (object: HostObject) => string>> = {
  domain: ({ name }) => `virsh destroy ${name}; virsh undefine ${name} --nvram`,
  network: ({ name }) => `virsh net-destroy ${name}; virsh net-undefine ${name}`,
  pool: ({ name }) => `virsh pool-destroy ${name}; virsh pool-undefine ${name}`,
  volume: ({ name, pool }) => `virsh vol-delete ${name} --pool ${pool ?? "POOL"}`,
  bridge: ({ name }) => `ip link delete ${name}`,
  file: ({ name }) => `rm -r ${name}`,
};

export interface Leftover {
  readonly object: string;
  readonly remedy: string;
}

export const leftoversOf = (objects: readonly HostObject[], identity: StackIdentity): readonly Leftover[] =>
  objects
    .filter((object) => belongsTo(object, identity))
    .map((object) => ({ object: describe(object), remedy: REMEDY[object.kind](object) }));
