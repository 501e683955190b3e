import { existsSync, realpathSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { basename, dirname, join } from "node:path";
import type { Duplex } from "node:stream";
import { embeddedHostLayout, socketOfUri } from "../plan/embedded-host";
import { sshHostOf, sshToHost, type SshHost } from "../plan/libvirt-uri";
import { shellLine } from "../plan/shell";
import type { Argv } from "../plan/step";
import { readHostRecord } from "./embedded-host-record";
import { dialThroughHost } from "./host-dialer";
import { dialInNamespace } from "./namespace-dialer";

/** How this process gets to the guests of a libvirt: only connections to guests go this way, everything else stays outside. */
export type Reach =
  | { readonly kind: "direct" }
  /** `path` names the network namespace, as /run/netns/NAME does. */
  | { readonly kind: "namespace"; readonly name: string; readonly path: string }
  /** Through the libvirt host itself. */
  | { readonly kind: "ssh"; readonly host: SshHost };

export interface StreamTarget {
  readonly host: string;
  readonly port: number;
  readonly signal?: AbortSignal;
}

/** The guests of an embedded host are reached in its namespace, those of a host behind ssh through it, all others directly. */
export function reachOf(libvirtUri: string): Reach {
  const host = sshHostOf(libvirtUri);
  if (host !== undefined) return { kind: "ssh", host };
  const socket = socketOfUri(libvirtUri);
  const name = socket === undefined ? undefined : namespaceOf(dirname(dirname(socket)));
  return name === undefined ? { kind: "direct" } : { kind: "namespace", name, path: `/run/netns/${name}` };
}

/** The folder of the embedded host that a URI leads to; undefined: it is another libvirt. */
export function embeddedHostOf(libvirtUri: string): string | undefined {
  const socket = socketOfUri(libvirtUri);
  const isEmbedded = socket !== undefined && reachOf(libvirtUri).kind === "namespace";
  return isEmbedded ? dirname(dirname(socket)) : undefined;
}

/** A stopped host has no record, and still nobody may look for its guests in the machine's own network. */
function namespaceOf(directory: string): string | undefined {
  const record = readHostRecord(join(directory, "host.json"));
  if (record !== undefined) return record.namespace;
  if (existsSync(join(directory, "lock"))) return embeddedHostLayout(realpathSync(directory)).namespace;
  return /^\/run\/replikube-[0-9a-f]{8}$/.test(directory) ? basename(directory) : undefined;
}

/**
 * Resolves once connected. A refusal or a missing route rejects with Node's own error, which names the address; through a
 * host it comes as the stream's error.
 */
export async function openStream(reach: Reach, target: StreamTarget): Promise<Duplex> {
  target.signal?.throwIfAborted();
  if (reach.kind === "ssh") return dialThroughHost(reach.host, target);
  return reach.kind === "namespace" ? dialInNamespace(reach.path, target) : dialDirectly(target);
}

function dialDirectly({ host, port, signal }: StreamTarget): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, allowHalfOpen: true });
    const abort = (): void =>
      void socket.destroy(new Error(`connect to ${host}:${port}: given up`, { cause: signal?.reason }));
    signal?.addEventListener("abort", abort, { once: true });
    socket.once("error", reject);
    socket.once("close", () => signal?.removeEventListener("abort", abort));
    socket.once("connect", () => {
      socket.off("error", reject);
      signal?.removeEventListener("abort", abort);
      resolve(socket);
    });
  });
}

/** The command line that runs a program in the network of the libvirt host, e.g. ip. */
export function commandInReach(reach: Reach, command: Argv): Argv {
  if (reach.kind === "direct") return command;
  if (reach.kind === "namespace") return ["nsenter", `--net=${reach.path}`, "--", ...command];
  const [program, ...args] = sshToHost(reach.host);
  return [program, ...args, "--", shellLine(command)];
}
