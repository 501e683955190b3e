import { existsSync, rmSync } from "node:fs";
import { ReplikubeError } from "../drivers/errors";
import { removeHost } from "../drivers/embedded-host-removal";
import { removeRemnants } from "../drivers/host-removal";
import { stackRecords } from "../drivers/stack-records";
import { releaseClaim, releaseStaleClaim, staleClaims } from "../facts/cidr-claim";
import { forgetStack } from "../facts/stack-register";
import { claimOwner, type Claim } from "../plan/claims";
import { embeddedHostLayout, type EmbeddedHostLayout } from "../plan/embedded-host";
import type { GarbageSearch, Orphan, Verdict } from "../plan/garbage";
import { folderVerdict } from "../plan/garbage-folders";
import type { Finding } from "../plan/garbage-report";
import { describe } from "../plan/host-object";
import { stackDirectory } from "../plan/plan-topology";
import { ownStack, stackFolders } from "./garbage-search";
import type { Places } from "./places";
import type { PulumiProgram } from "./pulumi-program";
import { StackBusy, workOnStack } from "./stack-work";

/** A piece of garbage: what it is, and how it goes. */
export interface Garbage extends Finding {
  /** Of this checkout: garbage only while it has no state of this stack, which would have the folder and the addresses. */
  readonly unlessStack?: string;
  /** Why it stays after all; undefined: it is gone. */
  readonly remove: () => Promise<string | undefined>;
}

/** Of a checkout that is gone: its processes live on without it. */
function hostOf({ hostDirectory }: Orphan): EmbeddedHostLayout | undefined {
  const layout = hostDirectory === undefined ? undefined : embeddedHostLayout(hostDirectory);
  return layout !== undefined && existsSync(layout.namespacePath) ? layout : undefined;
}

function orphanGarbage(orphan: Orphan, { libvirtUri, checkout: own }: GarbageSearch): Garbage {
  const { identity, checkout, hasSuccessor, remnants, search, why } = orphan;
  const host = hostOf(orphan);
  return {
    why,
    ...(checkout === own && !hasSuccessor && { unlessStack: identity.stack }),
    what: [
      ...remnants.map(describe),
      ...(host === undefined ? [] : [`embedded host in network namespace ${host.namespace}`]),
      `record of stack ${identity.stack}, id ${identity.stackId}`,
    ],
    async remove() {
      if (remnants.length > 0) await removeRemnants(libvirtUri, search);
      if (host !== undefined) await removeHost(host);
      if (!hasSuccessor) releaseClaim({ ...identity, checkout });
      forgetStack(identity.stackId, checkout);
    },
  };
}

/** Whether a stack is there by its state, whatever has become of its folder. */
const isAlive = ({ ownStacks, checkout }: GarbageSearch, claim: Claim): boolean =>
  claim.checkout === checkout && ownStacks.some((own) => own.stack === claim.stack && own.stackId !== undefined);

const claimGarbage = (claim: Claim): Garbage => ({
  what: [`claim of ${claim.cidr}`],
  why: `${claimOwner(claim)} is not there`,
  remove: async () => ((await releaseStaleClaim(claim)) ? undefined : `${claimOwner(claim)} has taken it anew`),
});

function folderGarbage({ root }: Places, stack: string): Garbage {
  const path = stackDirectory(root, stack);
  return {
    what: [`folder ${path}`],
    why: `this checkout has no stack ${stack}`,
    unlessStack: stack,
    async remove() {
      // A record goes when everything else has: a machine that could not be removed keeps its disk.
      if (stackRecords(root).some((record) => record.checkout === root && record.stack === stack)) {
        throw new ReplikubeError("what its stack has left could not be removed\nnext: mend that, then ./lab gc again");
      }
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** In the order in which it can go: a folder after the disks in it. */
export function garbageOf(places: Places, search: GarbageSearch, verdicts: readonly Verdict[]): readonly Garbage[] {
  const orphans = verdicts.flatMap((verdict) => (verdict.kind === "orphan" ? [orphanGarbage(verdict, search)] : []));
  const folders = stackFolders(places)
    .filter((folder) => folderVerdict(folder, search, verdicts).kind === "garbage")
    .map(({ stack }) => folderGarbage(places, stack));
  const claims = staleClaims(places.root).filter((claim) => !isAlive(search, claim));
  return [...orphans, ...folders, ...claims.map(claimGarbage)];
}

/** An up may have come since it was looked for, and makes its things in the same places. */
export async function removeUnlessMadeAnew(
  pulumi: PulumiProgram,
  places: Places,
  { unlessStack: stack, remove }: Garbage,
): Promise<string | undefined> {
  if (stack === undefined) return remove();
  try {
    return await workOnStack(places, { stack, verb: "gc" }, async () => {
      const own = await ownStack(pulumi, places, stack);
      if (own?.holder !== undefined) return `${own.holder} works on stack ${stack}`;
      return own?.stackId === undefined ? remove() : `stack ${stack} has been made anew`;
    });
  } catch (error) {
    if (!(error instanceof StackBusy)) throw error;
    return `${error.holder} works on stack ${stack}`;
  }
}
