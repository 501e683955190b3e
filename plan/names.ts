/** Every name that an experiment gives to things outside Pulumi, as functions of project, stack, role and index. */
import { createHash } from "node:crypto";
import type { NodeRole } from "./experiment-outputs";

/** Linux IFNAMSIZ - 1. */
export const MAX_INTERFACE_NAME = 15;
/** A DNS label (RFC 1123); Linux takes 64 for a host name, DNS does not. */
export const MAX_HOST_NAME = 63;

export interface StackName {
  readonly project: string;
  readonly stack: string;
}

export interface NodeIdentity extends StackName {
  readonly role: NodeRole;
  /** Counts from 0 within the role. */
  readonly index: number;
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** libvirt's name of the network and of the pool, and the name of the cluster. */
export const stackObjectName = ({ project, stack }: StackName): string => `${project}-${stack}`;

export const domainName = ({ role, index, ...stack }: NodeIdentity): string =>
  `${stackObjectName(stack)}-${role}-${index}`;

/** Hashed, because a readable name would not fit: 15 characters are all that an interface's name has. */
export const bridgeName = ({ project, stack }: StackName): string => `rk${sha256(`${project}/${stack}`).slice(0, 8)}`;

/** Fills {project}, {stack}, {role} and {index}; what else stands in braces stays and is no host name then. */
export function nodeName(template: string, { project, stack, role, index }: NodeIdentity): string {
  const values: Readonly<Record<string, string>> = { project, stack, role, index: String(index) };
  return template.replaceAll(/\{(\w+)\}/g, (placeholder, key: string) => values[key] ?? placeholder);
}

/** Undefined for a name that host names, DNS and Kubernetes take; else what is wrong with it. */
export function hostNameFault(name: string): string | undefined {
  if (name.length > MAX_HOST_NAME) return `has ${name.length} characters, at most ${MAX_HOST_NAME} are allowed`;
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name)) {
    return "must be lower-case letters, digits and inner hyphens";
  }
  return undefined;
}

/** QEMU's own prefix, then three bytes that only this machine's identity decides; `attempt` evades a collision. */
export function macAddress({ project, stack, role, index }: NodeIdentity, attempt = 0): string {
  const digest = sha256([project, stack, `${role}-${index}`, ...(attempt === 0 ? [] : [attempt])].join("/"));
  return ["52:54:00", digest.slice(0, 2), digest.slice(2, 4), digest.slice(4, 6)].join(":");
}

/**
 * One address per identity, no two alike. An identity evades only those before it, so that a machine which is added at
 * the end never moves the others.
 */
export function macAddresses(identities: readonly NodeIdentity[]): readonly string[] {
  const taken = new Set<string>();
  return identities.map((identity) => {
    let attempt = 0;
    while (taken.has(macAddress(identity, attempt))) attempt += 1;
    const mac = macAddress(identity, attempt);
    taken.add(mac);
    return mac;
  });
}
