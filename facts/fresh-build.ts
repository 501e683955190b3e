import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { ReplikubeError } from "../drivers/errors";

/** Refuses compiled code that is older than its sources: it would do what nobody reads in them. */

const SOURCES = ["components", "config", "drivers", "facts", "plan", "providers", "resources", "sdks"] as const;

const newest = (folder: string): number =>
  readdirSync(folder, { withFileTypes: true }).reduce((latest, entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "node_modules" ? latest : Math.max(latest, newest(path));
    return entry.name.endsWith(".ts") ? Math.max(latest, statSync(path).mtimeMs) : latest;
  }, 0);

export function requireFreshBuild(checkout: string): void {
  const built = statSync(join(checkout, "bin/index.js"), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const changed = Math.max(
    statSync(join(checkout, "index.ts")).mtimeMs,
    ...SOURCES.map((folder) => newest(join(checkout, folder))),
  );
  if (changed <= built) return;
  throw new ReplikubeError("host: the compiled program in bin/ is older than its sources\nnext: npm run build");
}
