import { existsSync, readdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { lastLines, ReplikubeError } from "../drivers/errors";
import { scanHost } from "../drivers/host-scan";
import { stackRecords } from "../drivers/stack-records";
import { namesIn, presenceOf } from "../drivers/visible-files";
import type { GarbageSearch, OwnStack } from "../plan/garbage";
import type { StackFolder } from "../plan/garbage-folders";
import { stackDirectory } from "../plan/plan-topology";
import { backendDigest } from "../plan/stack-record";
import { tracesOf } from "../plan/stack-traces";
import type { Places } from "./places";
import { stackHolder, type PulumiProgram } from "./pulumi-program";
import { pulumiCall } from "./stack-state";
import type { UsualLibvirt } from "./usual-libvirt";

/** Everything that has to be known to tell garbage from stacks that live. A look that fails ends it: not knowing is no reason to remove. */

const listSchema = z.array(z.object({ name: z.string() }));

type Call = (...args: readonly string[]) => Promise<string>;

const readingStacks =
  (pulumi: PulumiProgram, places: Places): Call =>
  async (...args) => {
    const { exitCode, stdout, stderr } = await pulumiCall(pulumi, places)(args);
    if (exitCode === 0) return stdout;
    throw new ReplikubeError(
      `host: the stacks of this checkout cannot be read, so nothing was looked for: pulumi ${args.join(" ")}\n${lastLines(stderr)}`,
    );
  };

/** Of those that `wanted` is true for. */
async function ownStacks(
  pulumi: PulumiProgram,
  places: Places,
  wanted: (stack: string) => boolean = () => true,
): Promise<readonly OwnStack[]> {
  const call = readingStacks(pulumi, places);
  const names = listSchema.parse(JSON.parse(await call("stack", "ls", "--json"))).map(({ name }) => name);
  const stacks: OwnStack[] = [];
  for (const name of names) {
    const stack = name.split("/").at(-1) ?? name;
    if (!wanted(stack)) continue;
    const { stackId } = tracesOf(await call("stack", "export", "--stack", name));
    const holder = stackHolder(pulumi, places, stack);
    stacks.push({ stack, ...(stackId !== undefined && { stackId }), ...(holder !== undefined && { holder }) });
  }
  return stacks;
}

/** Undefined: this checkout has no such stack. */
export const ownStack = async (pulumi: PulumiProgram, places: Places, stack: string): Promise<OwnStack | undefined> =>
  (await ownStacks(pulumi, places, (each) => each === stack))[0];

export async function searchGarbage(
  pulumi: PulumiProgram,
  places: Places,
  { uri: libvirtUri, isThere }: UsualLibvirt,
): Promise<GarbageSearch> {
  const checkout = places.root;
  const backend = pulumi.environment["PULUMI_BACKEND_URL"] ?? "";
  // The objects first: whatever made what is seen had written its id into a state before.
  const objects = isThere ? await scanHost(libvirtUri) : [];
  const own = await ownStacks(pulumi, places);
  return {
    checkout,
    hostName: hostname(),
    backend: backendDigest(backend),
    listsEveryStack: !/^https?:/.test(backend),
    ownStacks: own,
    records: stackRecords(checkout).map((record) => ({ ...record, checkoutIs: presenceOf(record.checkout) })),
    libvirtUri,
    objects,
  };
}

export function stackFolders({ root }: Places): readonly StackFolder[] {
  const folder = join(root, ".state/stacks");
  const stacks = existsSync(folder) ? readdirSync(folder) : [];
  return stacks.map((stack) => {
    const pool = join(stackDirectory(root, stack), "pool");
    return { stack, hasDisks: namesIn(pool)?.length !== 0 };
  });
}
