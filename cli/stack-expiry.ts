import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { stackDirectory } from "../plan/plan-topology";
import { expiryOf, type Expiry } from "../plan/ttl";
import type { Places } from "./places";
import { configuredText } from "./stack-config";
import { writeWholeFile } from "../drivers/whole-file";

/** When a stack expires: written by an `up` that succeeded, kept with everything else of the stack, gone with it. */

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

/** Counted anew from now; without a `ttl` in the stack's configuration it does not expire any more. */
export function renewExpiry(places: Places, stack: string, report: (line: string) => void, now = new Date()): void {
  const file = expiryFile(places.root, stack);
  const expiry = expiryOf(configuredText(places, stack, "ttl") ?? "", now);
  if (expiry === undefined) return rmSync(file, { force: true });
  writeWholeFile(file, `${JSON.stringify(expiry)}\n`);
  report(`stack ${stack}: may live until ${expiry.expiresAt} (ttl ${expiry.ttl}); ./lab gc destroys it after that`);
}
