import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sshOptions, sshUriProblems, uriForVirsh, type SshHost } from "../plan/libvirt-uri";
import { shellLine } from "../plan/shell";
import { fingerprintOf, sshFailure } from "../plan/ssh-failures";
import { checkoutRoot } from "./checkout-root";
import { ReplikubeError } from "./errors";
import { moveIntoPlace } from "./whole-file";

/**
 * A libvirt host behind ssh. The machine's own ssh makes every connection, virsh's and those to guests alike: one
 * configuration, one set of keys, one known_hosts.
 */

/** The host was not reached, or its connection ended; the text says what to do. */
export class HostFailure extends ReplikubeError {
  override readonly name = "HostFailure";
}

/** Undefined when it was not the way to the host that failed. */
export function hostFailure(host: SshHost, output: string): HostFailure | undefined {
  const failure = sshFailure(host, output);
  if (failure?.kind !== "changed key") return failure && new HostFailure(failure.text);
  const { text, got, known = "known_hosts" } = failure;
  return new HostFailure(
    `${text}\nexpected: ${expectedFingerprint(known)} (${known})\ngot:      ${got}\nnext: find out who answers there; if the host was installed anew, take the old key out: ${known}`,
  );
}

function expectedFingerprint(place: string): string {
  const [, file = "", line = ""] = /^(.*):(\d+)$/.exec(place) ?? [];
  if (!existsSync(file)) return "another one";
  return fingerprintOf(` ${readFileSync(file, "utf8").split("\n")[Number(line) - 1] ?? ""}`) ?? "another one";
}

/** virsh calls a program, and gives no options to it. Named by what it does, so that it never changes under anybody. */
function sshProgram(host: SshHost): string {
  const text = `#!/bin/sh\nexec ${shellLine(["ssh", ...sshOptions(host)])} "$@"\n`;
  const folder = join(checkoutRoot(), ".state/ssh");
  const path = join(folder, createHash("sha256").update(text).digest("hex").slice(0, 16));
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  moveIntoPlace(path, text, 0o700);
  return path;
}

/** The URI that virsh gets: over ssh the host's key is checked, whatever the user's configuration says. */
export function checkedUri(uri: string, host: SshHost | undefined): string {
  const problems = sshUriProblems(uri);
  if (problems.length > 0) throw new ReplikubeError(`host: ${problems.join("\n")}\nnext: correct libvirtUri`);
  return host === undefined ? uri : uriForVirsh(uri, sshProgram(host));
}
