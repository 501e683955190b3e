import { rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { ReplikubeError } from "../drivers/errors";
import { hostFiles } from "../drivers/host-files";
import { removeRemnants } from "../drivers/host-removal";
import { scanHost } from "../drivers/host-scan";
import { commandInReach, reachOf } from "../drivers/reach";
import { stackRecords } from "../drivers/stack-records";
import { releaseClaim } from "../facts/cidr-claim";
import { forgetStack } from "../facts/stack-register";
import { describe, type HostObject } from "../plan/host-object";
import { leftAloneLines, ownIds, sortByOwner } from "../plan/leftovers";
import { isOnThisMachine } from "../plan/libvirt-uri";
import type { StackName } from "../plan/names";
import { stackDirectory } from "../plan/plan-topology";
import { removalsOf } from "../plan/removal-commands";
import type { StackTraces } from "../plan/stack-traces";
import type { Places } from "./places";

/** After a destroy: nothing of the stack may be left on the host, or it is an error that names it. */

export interface ProofRequest extends StackName, StackTraces {
  readonly libvirtUri: string;
  /** For one call of virsh. */
  readonly callSeconds: number;
  /** `backendDigest` of the one in use. */
  readonly backend: string;
}

interface Seen {
  readonly objects: readonly HostObject[];
  readonly unseen: readonly string[];
}

async function lookAround({ libvirtUri, callSeconds }: ProofRequest, poolFolders: readonly string[]): Promise<Seen> {
  const { objects, unseen } = hostFiles(libvirtUri, poolFolders);
  return { objects: [...(await scanHost(libvirtUri, callSeconds)), ...objects], unseen };
}

/** Those whose marks are seen come first: a pool that is off shows none, and only its own id may remove it. */
const seenFirst = (ids: readonly string[], objects: readonly HostObject[]): readonly string[] => {
  const isSeen = (id: string): boolean => objects.some(({ mark }) => mark?.stackId === id);
  return [...ids.filter(isSeen), ...ids.filter((id) => !isSeen(id))];
};

/** What is there after what a killed command has left was taken away. */
async function lookAndClean(
  request: ProofRequest,
  ids: readonly string[],
  ownPool: string,
  report: (line: string) => void,
): Promise<Seen> {
  const { libvirtUri, callSeconds, poolFolders, project, stack } = request;
  const folders = [ownPool, ...poolFolders];
  let seen = await lookAround(request, folders);
  for (const stackId of seenFirst(ids, seen.objects)) {
    const { objects } = seen;
    const identity = { project, stack, stackId };
    const search = { identity, poolFolder: ownPool, objects };
    const removed = await removeRemnants(libvirtUri, search, callSeconds);
    if (removed.length === 0) continue;
    report(`stack ${stack}: removed what an interrupted command had left: ${removed.join(", ")}`);
    seen = await lookAround(request, folders);
  }
  return seen;
}

function requireNothing(own: readonly HostObject[], { stack, libvirtUri }: ProofRequest): void {
  if (own.length === 0) return;
  const reach = reachOf(libvirtUri);
  const removals = removalsOf(own, { libvirtUri, inNetwork: (command) => commandInReach(reach, command) });
  const lines = removals.map(({ object, command }) => `  ${describe(object)}: ${command}`);
  throw new ReplikubeError(
    `stack ${stack}: destroyed, but this is left on ${libvirtUri}:\n${lines.join("\n")}\nnext: remove it as named, if nobody needs it, and run ./lab destroy again`,
  );
}

/** What virsh and ip can tell, and of a libvirt on this machine what lies in its folders. */
const kindsLookedAt = (libvirtUri: string): string =>
  isOnThisMachine(libvirtUri)
    ? "no domain, network, pool, volume, bridge, snapshot, saved state, NVRAM, lease or file"
    : "no domain, network, pool, volume or bridge";

export async function proveNothingLeft(
  { root }: Places,
  request: ProofRequest,
  report: (line: string) => void,
): Promise<void> {
  const { project, stack, libvirtUri } = request;
  const folder = stackDirectory(root, stack);
  const records = stackRecords(root);
  const destroyed = { ...request, checkout: root, hostName: hostname(), records };
  // A destroy that was cut off may have left a state that tells no id any more.
  const ids = ownIds({ ...destroyed, records: records.filter((record) => record.libvirtUri === libvirtUri) });
  const { objects, unseen } = await lookAndClean(request, ids, join(folder, "pool"), report);
  const { own, others } = sortByOwner(objects, destroyed);
  for (const line of leftAloneLines(others)) report(`stack ${stack}: ${line}`);
  if (unseen.length > 0) report(`stack ${stack}: not looked into what this user may not read: ${unseen.join(", ")}`);
  requireNothing(own, request);
  // Consoles and the image's root go with the stack; evidence and timeline stay.
  rmSync(folder, { recursive: true, force: true });
  releaseClaim({ project, stack, checkout: root });
  for (const stackId of ids) forgetStack(stackId, root);
  report(`stack ${stack}: nothing is left: ${kindsLookedAt(libvirtUri)}`);
}
