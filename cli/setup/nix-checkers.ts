import { createHash } from "node:crypto";
import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CommandError } from "../../drivers/errors";
import { withFileLock } from "../../drivers/file-lock";
import { runLocally } from "../../drivers/local-runner";
import type { Places } from "../places";

/** nixfmt and deadnix, built from their crates: neither Debian nor npm nor PyPI has them. */

const CRATES = { nixfmt_rs: "0.5.3", deadnix: "1.3.1" } as const;
export const OLDEST_RUST_MINOR = 87; // what nixfmt_rs asks for

/** They read a few dozen files: optimising them takes longer than it ever saves. */
const UNOPTIMISED = {
  CARGO_PROFILE_RELEASE_OPT_LEVEL: "0",
  CARGO_PROFILE_RELEASE_LTO: "off",
  CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "16",
} as const;

/** Named by everything that its bytes depend on. */
function builtFolder(places: Places): string {
  const key = createHash("sha256")
    .update(JSON.stringify([CRATES, UNOPTIMISED]))
    .digest("hex")
    .slice(0, 12);
  return join(places.cache, `nix-checks-${key}`);
}

async function rustMinor(): Promise<number> {
  try {
    const { stdout } = await runLocally(["rustc", "--version"]);
    return Number(/rustc 1\.(\d+)/.exec(stdout)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** `--locked`: with exactly the crates, by hash, that the program's own release was made with. */
async function install([crate, version]: readonly [string, string], root: string, target: string): Promise<void> {
  const command = [
    "cargo",
    "install",
    "--quiet",
    "--locked",
    "--version",
    `=${version}`,
    "--root",
    root,
    crate,
  ] as const;
  const { exitCode, stderr } = await runLocally(["nice", "-n", "5", ...command], {
    environment: { ...UNOPTIMISED, CARGO_TARGET_DIR: target },
  });
  if (exitCode === 0) return;
  const next =
    "check that the registry of Rust crates can be reached and that there is a C compiler, then run this again";
  const step = "build nixfmt and deadnix";
  throw new CommandError({ machine: "host", step, next }, command.join(" "), exitCode, stderr);
}

async function build(folder: string): Promise<void> {
  const unfinished = `${folder}.unfinished`;
  const target = join(unfinished, "target");
  rmSync(unfinished, { recursive: true, force: true });
  for (const crate of Object.entries(CRATES)) await install(crate, unfinished, target);
  rmSync(target, { recursive: true, force: true });
  renameSync(unfinished, folder); // whole, or not there
}

/** `folder` has both programs; without it there are those on PATH at best. */
export type NixCheckers =
  { readonly kind: "built"; readonly folder: string } | { readonly kind: "unbuilt"; readonly why: string };

export async function nixCheckers(places: Places, report: (line: string) => void): Promise<NixCheckers> {
  const folder = builtFolder(places);
  const built: NixCheckers = { kind: "built", folder: join(folder, "bin") };
  if (existsSync(folder)) return built;
  if ((await rustMinor()) < OLDEST_RUST_MINOR) {
    return { kind: "unbuilt", why: `there is no Rust 1.${OLDEST_RUST_MINOR} or newer on PATH to build it with` };
  }
  await withFileLock(`${folder}.lock`, async () => {
    if (existsSync(folder)) return; // another ./lab has built it meanwhile
    report("nixfmt and deadnix: building them from their crates (half a minute on 2 cores, once)");
    await build(folder);
  });
  return built;
}
