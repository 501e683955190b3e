import { join } from "node:path";
import { InvalidArgumentError, type Command } from "commander";
import { reachOf } from "../drivers/reach";
import { withSshClient, type SshCommand } from "../drivers/ssh-client";
import { findNode, unknownNode } from "../plan/node-selection";
import { stackDirectory } from "../plan/plan-topology";
import type { NodeOutput } from "../plan/experiment-outputs";
import { DEFAULT_STACK } from "../plan/up-summary";
import { ReplikubeError } from "../drivers/errors";
import type { Places } from "./places";
import { pulumiProgram } from "./pulumi-program";
import { readStackOutputs, type StackOutputs } from "./stack-outputs";
import { pulumiCall } from "./stack-state";

/** A stack that is up, as the verbs use it: its outputs, its nodes by the names people give them, ssh to them. */

/** It stands in names of files and of libvirt's objects, so it must lead nowhere else. */
export function stackName(text: string): string {
  if (/^\w[\w-]*$/.test(text)) return text;
  throw new InvalidArgumentError("Letters, digits, _ and - make a stack's name, as in Pulumi.NAME.yaml.");
}

export const stackOption = (command: Command): Command =>
  command.option("-s, --stack <name>", "the stack", stackName, DEFAULT_STACK);

export interface StackOption {
  readonly stack: string;
}

export async function runningStack(places: Places, stack: string): Promise<StackOutputs> {
  return readStackOutputs(stack, pulumiCall(await pulumiProgram(places), places));
}

export function nodeOf({ nodes }: StackOutputs, wanted: string): NodeOutput {
  const node = findNode(nodes, wanted);
  if (node === undefined) throw new ReplikubeError(unknownNode(nodes, wanted));
  return node;
}

/** Where a stack's private files may lie while a command runs; what a killed one left goes with the stack. */
export const privateFolder = ({ root }: Places, stack: string): string => join(stackDirectory(root, stack), "private");

const SSH_PORT = "22";

export function withSsh<T>(
  places: Places,
  { stack, libvirtUri, nodes, sshPrivateKey }: StackOption & StackOutputs,
  use: (command: SshCommand) => Promise<T>,
): Promise<T> {
  const proxyTo = (address: string) =>
    ["node", join(places.root, "bin/cli/reach-proxy.js"), libvirtUri, address, SSH_PORT] as const;
  return withSshClient(
    {
      privateKey: sshPrivateKey,
      directory: privateFolder(places, stack),
      ...(reachOf(libvirtUri).kind !== "direct" && { proxyTo }),
    },
    nodes,
    use,
  );
}
