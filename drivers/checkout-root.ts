import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The checkout that this code belongs to, whether it runs from the sources or compiled from bin/. */
export function checkoutRoot(from: string = __dirname): string {
  if (existsSync(join(from, "package.json"))) return from;
  const parent = dirname(from);
  if (parent === from) throw new Error(`no package.json above ${__dirname}`);
  return checkoutRoot(parent);
}
