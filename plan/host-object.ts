import { basename } from "node:path/posix";
import type { RemainsKind } from "./libvirt/remains";
import { bridgeName, stackObjectName, type StackName } from "./names";

/** What there can be of a stack on a libvirt host, and by which names it is a stack's. */
export type HostObjectKind = "domain" | "network" | "pool" | "volume" | "bridge" | "file" | RemainsKind;

/** As it stands in a mark. */
export interface StackIdentity extends StackName {
  readonly stackId: string;
}

export interface HostObject {
  readonly kind: HostObjectKind;
  /** Of files their path. */
  readonly name: string;
  /** Who made it, where the object can carry that. */
  readonly mark?: StackIdentity;
  /** Of a volume. */
  readonly pool?: string;
  /** Of a pool. */
  readonly path?: string;
  /** Of a pool: it tells whose it is before its mark does. */
  readonly uuid?: string;
  /** Of what libvirt keeps beside its objects: the name of the domain, network or bridge. */
  readonly of?: string;
}

export const describe = ({ kind, name, pool }: HostObject): string =>
  `${kind} ${name}${pool === undefined ? "" : ` in pool ${pool}`}`;

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Stack `dev` must not take `replikube-dev-two-worker-0` of stack `dev-two` for its own. */
const machineName = (stack: StackName, end: string): RegExp =>
  new RegExp(`^${escaped(stackObjectName(stack))}-(control-plane|worker)-\\d+${end}`);

type Names = (object: HostObject, stack: StackName) => boolean;

const isNamed: Names = ({ name }, stack) => name === stackObjectName(stack);
const isOfMachine: Names = ({ of = "" }, stack) => machineName(stack, "$").test(of);
const isOfNetwork: Names = ({ of }, stack) => of === stackObjectName(stack) || of === bridgeName(stack);

const HAS_NAME: Readonly<Record<HostObjectKind, Names>> = {
  domain: ({ name }, stack) => machineName(stack, "$").test(name),
  network: isNamed,
  pool: isNamed,
  volume: ({ name, pool }, stack) => pool === stackObjectName(stack) || machineName(stack, "\\b").test(name),
  bridge: ({ name }, stack) => name === bridgeName(stack),
  file: ({ name }, stack) => machineName(stack, "\\b").test(basename(name)),
  NVRAM: isOfMachine,
  "saved state": isOfMachine,
  snapshot: isOfMachine,
  leases: isOfNetwork,
  "dnsmasq configuration": isOfNetwork,
};

export const hasNameOf = (stack: StackName, object: HostObject): boolean => HAS_NAME[object.kind](object, stack);
