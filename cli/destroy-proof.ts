import { rmSync } from "node:fs";
import { join } from "node:path";
import { ReplikubeError } from "../drivers/errors";
import { removeRemnants } from "../drivers/host-removal";
import { scanHost } from "../drivers/host-scan";
import { releaseClaim } from "../facts/cidr-claim";
import { forgetStack } from "../facts/stack-register";
import { leftoversOf, type HostObject, type StackIdentity } from "../plan/leftovers";
import { stackDirectory } from "../plan/plan-topology";
import type { Places } from "./places";

/** After a destroy: nothing of the stack may be left on the host, or it is an error that names it. */

export interface DestroyedStack extends StackIdentity {
  readonly libvirtUri: string;
}

/** What is there after what a killed command has left was taken away. */
async function scanAndClean(
  { libvirtUri, stackId, ...stack }: DestroyedStack,
  poolFolder: string,
  report: (line: string) => void,
): Promise<readonly HostObject[]> {
  const objects = await scanHost(libvirtUri, poolFolder);
  if (stackId === undefined || leftoversOf(objects, { ...stack, stackId }).length === 0) return objects;
  const removed = await removeRemnants(libvirtUri, { identity: { ...stack, stackId }, poolFolder, objects });
  if (removed.length === 0) return objects;
  report(`stack ${stack.stack}: removed what an interrupted command had left: ${removed.join(", ")}`);
  return scanHost(libvirtUri, poolFolder);
}

export async function proveNothingLeft(
  { root }: Places,
  destroyed: DestroyedStack,
  report: (line: string) => void,
): Promise<void> {
  const { libvirtUri, ...identity } = destroyed;
  const { project, stack } = identity;
  const folder = stackDirectory(root, stack);
  const left = leftoversOf(await scanAndClean(destroyed, join(folder, "pool"), report), identity);
  if (left.length > 0) {
    const lines = left.map(({ object, remedy }) => `  ${object}: ${remedy}`);
    throw new ReplikubeError(
      `stack ${stack}: destroyed, but this is left on ${libvirtUri}:\n${lines.join("\n")}\nnext: remove it as named, if nobody needs it, and run ./lab destroy again`,
    );
  }
  // Consoles and the image's root go with the stack; evidence and timeline stay.
  rmSync(folder, { recursive: true, force: true });
  releaseClaim({ project, stack, checkout: root });
  if (identity.stackId !== undefined) forgetStack(identity.stackId, root);
  report(`stack ${stack}: nothing is left: no domain, network, pool, volume, bridge or file`);
}
