import { createHash, X509Certificate } from "node:crypto";
import type { ClusterConfigurations } from "../plan/bootstrap-resources";
import { CONFIG_MAPS, parseConfigurations } from "../plan/cluster-configuration";
import { shellLine } from "../plan/shell";
import type { Argv } from "../plan/step";
import { ADMIN_KUBECONFIG, CA_CERTIFICATE, kubectl } from "../plan/step-commands";
import { CommandError } from "./errors";
import type { CommandRunner } from "./runner";

/** Reads what a control plane knows. Reading changes nothing, so it needs no step. */

export async function output(runner: CommandRunner, command: Argv, reading: string, seconds: number): Promise<string> {
  const result = await runner.run(command, { deadlineSeconds: seconds });
  if (result.exitCode === 0) return result.stdout;
  const context = { machine: runner.machine, step: reading, next: "run up again; it goes on from here" };
  throw new CommandError(context, shellLine(command), result.exitCode, result.stderr);
}

export interface ClusterFiles {
  readonly kubeconfig: string;
  /** As kubeadm's discovery takes it. */
  readonly caCertHash: string;
}

/** SHA-256 of the CA's public key (SubjectPublicKeyInfo, DER), as kubeadm pins it. */
export const caCertHash = (pem: string): string => {
  const spki = new X509Certificate(pem).publicKey.export({ type: "spki", format: "der" });
  return `sha256:${createHash("sha256").update(spki).digest("hex")}`;
};

/** Over the pinned connection, so the hash is as good as the host key is. */
export async function readClusterFiles(runner: CommandRunner, seconds: number): Promise<ClusterFiles> {
  const ca = await output(runner, ["cat", CA_CERTIFICATE], "read the cluster's CA", seconds);
  const kubeconfig = await output(runner, ["cat", ADMIN_KUBECONFIG], "read the kubeconfig", seconds);
  return { kubeconfig, caCertHash: caCertHash(ca) };
}

/** kubeadm's own record of how it was configured. */
export async function readConfigurations(runner: CommandRunner, seconds: number): Promise<ClusterConfigurations> {
  const command = kubectl("-n", "kube-system", "get", "configmaps", ...CONFIG_MAPS, "--ignore-not-found", "-o", "json");
  return parseConfigurations(await output(runner, command, "read kubeadm's configuration", seconds));
}

/** Undefined only when the API server says that there is no such node. */
export async function nodeUid(runner: CommandRunner, nodeName: string, seconds: number): Promise<string | undefined> {
  const command = kubectl("get", "node", nodeName, "-o", "json");
  const result = await runner.run(command, { deadlineSeconds: seconds });
  if (result.exitCode === 0) {
    const node: { readonly metadata?: { readonly uid?: string } } = JSON.parse(result.stdout);
    return node.metadata?.uid;
  }
  if (/\(NotFound\)|not found/i.test(result.stderr)) return undefined;
  const context = {
    machine: runner.machine,
    step: `look for node ${nodeName}`,
    next: "is the API server up? run up again",
  };
  throw new CommandError(context, shellLine(command), result.exitCode, result.stderr);
}
