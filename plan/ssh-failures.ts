import { createHash } from "node:crypto";
import type { SshHost } from "./libvirt-uri";

/** What ssh says when it does not get to a host, as what happened and what to do. */

export type SshFailure =
  | { readonly kind: "unknown key"; readonly text: string }
  /** Where ssh has the key from that it expected, `FILE:LINE`. */
  | { readonly kind: "changed key"; readonly text: string; readonly got: string; readonly known?: string }
  | { readonly kind: "refused login" | "unreachable" | "lost"; readonly text: string };

const hostText = ({ name, user, port }: SshHost): string =>
  `${user === undefined ? "" : `${user}@`}${name}${port === undefined ? "" : `:${port}`}`;

/** As a person types it, to look at the host once. */
const sshLine = ({ name, user, port }: SshHost): string =>
  ["ssh", ...(port === undefined ? [] : ["-p", port]), `${user === undefined ? "" : `${user}@`}${name}`].join(" ");

const CHANGED = /REMOTE HOST IDENTIFICATION HAS CHANGED/;
const FINGERPRINT = /SHA256:[A-Za-z0-9+/=]+/;
const OFFENDING = /Offending \S+ key in (.+:\d+)/;
const UNKNOWN = /host key is known for|Host key verification failed/;
const LOGIN = /Permission denied \(|Too many authentication failures/;
const UNREACHABLE =
  /ssh: (?:connect to host|Could not resolve).*|kex_exchange_identification: .*|Connection timed out during banner exchange/;
/** libvirt's and ssh's words for a connection that was there. */
const LOST =
  /Cannot (?:recv|write) data.*|End of file while reading data.*|client socket is closed.*|keepalive .*|Timeout, server .* not responding|Connection (?:to .* )?(?:closed|reset) by .*|client_loop: .*|Broken pipe/;

/** Undefined: ssh has nothing to do with it. */
export function sshFailure(host: SshHost, output: string): SshFailure | undefined {
  const at = `host ${hostText(host)}`;
  const knownHosts = host.knownHosts ?? "~/.ssh/known_hosts";
  if (CHANGED.test(output)) {
    const known = OFFENDING.exec(output)?.[1];
    return {
      kind: "changed key",
      got: FINGERPRINT.exec(output)?.[0] ?? "an unknown one",
      ...(known !== undefined && { known }),
      text: `${at}: ssh: its host key has changed; nothing was sent to it`,
    };
  }
  if (UNKNOWN.test(output)) {
    const look = host.knownHosts === undefined ? `${sshLine(host)} once` : "ask its owner";
    const text = `${at}: ssh: its host key is not in ${knownHosts}; nothing was sent to it\nnext: ${look}, compare the fingerprint with the host's own (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub there), and put the key into ${knownHosts}`;
    return { kind: "unknown key", text };
  }
  if (LOGIN.test(output)) {
    const text = `${at}: ssh: it lets nobody in with the keys that were offered\nnext: does this work without a question? ${sshLine(host)} true; load the key into the agent, or name it in the URI: keyfile=`;
    return { kind: "refused login", text };
  }
  const unreachable = UNREACHABLE.exec(output)?.[0];
  if (unreachable !== undefined) {
    return {
      kind: "unreachable",
      text: `${at}: ssh: cannot be reached: ${unreachable}\nnext: is it on, and does this get there? ${sshLine(host)} true`,
    };
  }
  const lost = LOST.exec(output)?.[0];
  if (lost === undefined) return undefined;
  return {
    kind: "lost",
    text: `${at}: the connection was lost: ${lost}\nnext: run the same command again: it looks at what is there and goes on`,
  };
}

/** Fingerprint of a line of known_hosts, as ssh writes it. */
export function fingerprintOf(line: string): string | undefined {
  const key = /\s(?:ssh|ecdsa|sk)-[\w@.-]+\s+([A-Za-z0-9+/=]+)/.exec(line)?.[1];
  if (key === undefined) return undefined;
  const digest = createHash("sha256").update(Buffer.from(key, "base64")).digest("base64");
  return `SHA256:${digest.replace(/=+$/, "")}`;
}
