import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { stackDirectory } from "../plan/plan-topology";
import { expiryOf, type Expiry } from "../plan/ttl";
import type { Places } from "./places";
import { configuredText } from "./stack-config";
import { writeWholeFile } from "../drivers/whole-file";

/** When a stack expires: written when an `up` begins and when it has succeeded, kept with everything else of the stack, gone with it. */

const expiryFile = (root: string, stack: string): string => join(stackDirectory(root, stack), "expiry.json");

const schema = z.object({ ttl: z.string(), expiresAt: z.iso.datetime() });

/** A file that says something else is none of ours: such a stack does not expire. */
export function readExpiry({ root }: Places, stack: string): Expiry | undefined {
  const file = expiryFile(root, stack);
  if (!existsSync(file)) return undefined;
  try {
    return schema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}

const configuredExpiry = (places: Places, stack: string, now: Date): Expiry | undefined =>
  expiryOf(configuredText(places, stack, "ttl") ?? "", now);

const write = (file: string, expiry: Expiry): void => writeWholeFile(file, `${JSON.stringify(expiry)}\n`);

/** Before an `up` makes anything: machines are there also after one that fails or is killed. */
export function beginExpiry(places: Places, stack: string, now = new Date()): void {
  const expiry = configuredExpiry(places, stack, now);
  if (expiry !== undefined) write(expiryFile(places.root, stack), expiry);
}

/** Counted anew from now; without a `ttl` in the stack's configuration it does not expire any more. */
export function renewExpiry(places: Places, stack: string, report: (line: string) => void, now = new Date()): void {
  const file = expiryFile(places.root, stack);
  const expiry = configuredExpiry(places, stack, now);
  if (expiry === undefined) return rmSync(file, { force: true });
  write(file, expiry);
  report(`stack ${stack}: may live until ${expiry.expiresAt} (ttl ${expiry.ttl}); ./lab gc destroys it after that`);
}
