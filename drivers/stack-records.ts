import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { StackRecord } from "../plan/stack-record";
import { cacheFolder } from "./cache-folder";

/**
 * Which checkout made which stack id, for every checkout of the user, as facts/stack-register.ts has written it. `./lab gc` leaves
 * alone what stands in no record, and what another checkout has made that is still there.
 */

export const registerFolder = (environment: NodeJS.ProcessEnv = process.env): string =>
  join(cacheFolder(environment), "stacks");

/** A second copy in the checkout: clearing caches must not make its stacks unknown. */
export const keptFolder = (checkout: string): string => join(checkout, ".state/register");

const schema = z.object({
  stackId: z.string().regex(/^[0-9a-f]+$/),
  project: z.string(),
  stack: z.string(),
  checkout: z.string(),
  hostName: z.string(),
  libvirtUri: z.string(),
  backend: z.string(),
});

export const recordFile = (folder: string, stackId: string): string => join(folder, `${stackId}.json`);

function readRecord(path: string): readonly StackRecord[] {
  try {
    return [schema.parse(JSON.parse(readFileSync(path, "utf8")))];
  } catch {
    return []; // written by nobody we know
  }
}

const recordsIn = (folder: string): readonly StackRecord[] =>
  (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => readRecord(join(folder, name)));

/** Every record of the user, and what only this checkout has kept. The copies of a copied checkout are not its own. */
export function stackRecords(checkout: string, folder: string = registerFolder()): readonly StackRecord[] {
  const shared = recordsIn(folder);
  const known = new Set(shared.map(({ stackId }) => stackId));
  const kept = recordsIn(keptFolder(checkout)).filter((record) => record.checkout === checkout);
  return [...shared, ...kept.filter(({ stackId }) => !known.has(stackId))];
}

/** The checkout that made a stack, if it is one of the user's. */
export const checkoutOf = (stackId: string, folder: string = registerFolder()): string | undefined =>
  recordsIn(folder).find((record) => record.stackId === stackId)?.checkout;
