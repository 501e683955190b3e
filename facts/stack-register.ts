import { existsSync, lstatSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { cacheFolder } from "../drivers/cache-folder";
import { namedBackend } from "../drivers/named-backend";
import type { StackName } from "../plan/names";
import { backendDigest, type StackRecord } from "../plan/stack-record";
import { writeWholeFile } from "../drivers/whole-file";

/**
 * Which checkout made which stack id, for every checkout of the user: the program writes it as soon as the id is there, before
 * anything can carry it. `./lab gc` leaves alone what stands in no record, and what another checkout has made that is still there.
 */

export const registerFolder = (environment: NodeJS.ProcessEnv = process.env): string =>
  join(cacheFolder(environment), "stacks");

/** A second copy in the checkout: clearing caches must not make its stacks unknown. */
const keptFolder = (checkout: string): string => join(checkout, ".state/register");

const schema = z.object({
  stackId: z.string().regex(/^[0-9a-f]+$/),
  project: z.string(),
  stack: z.string(),
  checkout: z.string(),
  hostName: z.string(),
  libvirtUri: z.string(),
  backend: z.string(),
});

const fileOf = (folder: string, stackId: string): string => join(folder, `${stackId}.json`);

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

export interface MadeBy extends StackName {
  readonly stackId: string;
  readonly checkout: string;
  readonly libvirtUri: string;
}

export function recordStack(
  made: MadeBy,
  folder: string = registerFolder(),
  environment: NodeJS.ProcessEnv = process.env,
): void {
  const backend = backendDigest(namedBackend(made.checkout, environment) ?? "");
  const text = `${JSON.stringify({ ...made, hostName: hostname(), backend } satisfies StackRecord)}\n`;
  for (const place of [keptFolder(made.checkout), folder]) {
    writeWholeFile(fileOf(place, made.stackId), text);
  }
}

/** Every record of the user, and what only this checkout has kept. The copies of a copied checkout are not its own. */
export function stackRecords(checkout: string, folder: string = registerFolder()): readonly StackRecord[] {
  const shared = recordsIn(folder);
  const known = new Set(shared.map(({ stackId }) => stackId));
  const kept = recordsIn(keptFolder(checkout)).filter((record) => record.checkout === checkout);
  return [...shared, ...kept.filter(({ stackId }) => !known.has(stackId))];
}

/** With the stack, when nothing of it is left. */
export function forgetStack(stackId: string, checkout: string, folder: string = registerFolder()): void {
  for (const place of [folder, keptFolder(checkout)]) rmSync(fileOf(place, stackId), { force: true });
}

/** Only the file system's positive answer counts as gone: what may not be looked at may well be there. */
export function presenceOf(path: string): "there" | "gone" | "unknown" {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) === undefined ? "gone" : "there";
  } catch {
    return "unknown";
  }
}
