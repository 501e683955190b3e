import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

/** What a Node.js program has installed, found as Node.js would find it. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly direct: boolean;
  /** The package is the SDK of this provider plugin. */
  readonly plugin?: { readonly name: string; readonly version: string; readonly server: string };
}

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly pulumi?: {
    readonly resource?: boolean;
    readonly name?: string;
    readonly version?: string;
    readonly server?: string;
  };
}

const manifestOf = (folder: string): Manifest => {
  const file = join(folder, "package.json");
  if (!existsSync(file)) return {};
  const manifest: Manifest = JSON.parse(readFileSync(file, "utf8"));
  return manifest;
};

function folderOf(name: string, from: string): string | undefined {
  const folder = join(from, "node_modules", name);
  if (existsSync(join(folder, "package.json"))) return realpathSync(folder);
  return dirname(from) === from ? undefined : folderOf(name, dirname(from));
}

function described({ name = "", version = "", pulumi }: Manifest, direct: boolean): InstalledPackage {
  if (pulumi?.resource !== true) return { name, version, direct };
  const plugin = {
    name: pulumi.name ?? name.replace(/^@pulumi\//, ""),
    version: pulumi.version ?? version,
    server: pulumi.server ?? "",
  };
  return { name, version, direct, plugin };
}

export function installedPackages(program: string): readonly InstalledPackage[] {
  const seen = new Set<string>();
  const walk = (from: string, direct: boolean): readonly InstalledPackage[] =>
    Object.keys(manifestOf(from).dependencies ?? {}).flatMap((name) => {
      const folder = folderOf(name, from);
      if (folder === undefined || seen.has(folder)) return [];
      seen.add(folder);
      return [described(manifestOf(folder), direct), ...walk(folder, false)];
    });
  return walk(program, true);
}
