import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkNixFiles } from "../../cli/nix-checks";
import { placesOf } from "../../cli/places";

/** With stand-ins for Cargo and the three programs; test/nix/nix-checks.test.ts has the real ones. */

const SYSTEM = ["sh", "cat", "flock", "git", "mkdir", "nice", "cp"] as const;
const path = process.env["PATH"] ?? "";

let folder = "";
let bin = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nix-checks-"));
  bin = join(folder, "bin");
  mkdirSync(bin);
  for (const name of SYSTEM) {
    symlinkSync(execFileSync("sh", ["-c", 'command -v "$0"', name], { encoding: "utf8" }).trim(), join(bin, name));
  }
  process.env["PATH"] = bin; // nothing of this machine's own Rust or Nix programs
  mkdirSync(join(folder, "root"));
  writeFileSync(join(folder, "root/one.nix"), "{ }\n");
  writeFileSync(join(folder, "root/two three.nix"), "{ }\n");
  execFileSync("git", ["init", "-q", join(folder, "root")]);
});
afterEach(() => {
  process.env["PATH"] = path;
  rmSync(folder, { recursive: true, force: true });
});

function put(name: string, script: string, where = bin): void {
  writeFileSync(join(where, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(where, name), 0o755);
}

/** Installs a program that says its name and arguments. */
function putCargo(): void {
  put(
    "cargo",
    `echo "$@" >>${folder}/cargo.log
while [ "$1" != --root ]; do shift; done
case $3 in nixfmt_rs) name=nixfmt ;; *) name=deadnix ;; esac
mkdir -p "$2/bin" "$CARGO_TARGET_DIR"
cp ${folder}/program "$2/bin/$name"`,
  );
  put("program", 'echo "${0##*/}" "$@"', folder);
}

async function run(fix = false) {
  const said: string[] = [];
  const places = placesOf(join(folder, "root"), { XDG_CACHE_HOME: join(folder, "cache") });
  const count = await checkNixFiles(places, { fix, report: (line) => said.push(line) });
  return { count, said };
}

it("skips what it cannot have, and says why of each", async () => {
  put("rustc", "echo rustc 1.63.0");
  const { count } = await run();
  expect(count).toEqual({
    passed: 0,
    failed: 0,
    skipped: [
      "deadnix is not on PATH: there is no Rust 1.87 or newer on PATH to build it with",
      "statix is not on PATH: no package registry has it; the flake's checks run it",
      "nixfmt is not on PATH: there is no Rust 1.87 or newer on PATH to build it with",
    ],
  });
});

it("takes the programs on PATH where there is no Rust, and counts one that finds something as failed", async () => {
  for (const name of ["deadnix", "nixfmt"]) put(name, "exit 0");
  put("statix", "echo found; exit 1");
  const { count, said } = await run();
  expect(count).toEqual({ passed: 2, failed: 1, skipped: [] });
  expect(said).toEqual(["found", "statix: exit code 1; next: ./lab check-nix --fix, or mend it by hand"]);
});

it("builds the pinned ones once, prefers them to those on PATH, and gives them every file", async () => {
  put("rustc", "echo rustc 1.95.0");
  for (const name of ["deadnix", "nixfmt", "statix"]) put(name, "exit 1");
  putCargo();
  const { said } = await run();
  expect(said).toContain("deadnix --fail one.nix two three.nix");
  expect(said).toContain("nixfmt --check one.nix two three.nix");
  const log = readFileSync(join(folder, "cargo.log"), "utf8");
  expect(log).toMatch(/^install .*--locked --version =\d+\.\d+\.\d+ .* nixfmt_rs$/m);
  expect((await run(true)).said).toContain("nixfmt one.nix two three.nix");
  expect(readFileSync(join(folder, "cargo.log"), "utf8")).toBe(log);
});

it("leaves nothing that looks built when Cargo fails, and says what to do", async () => {
  put("rustc", "echo rustc 1.95.0");
  put("cargo", "echo no network >&2; exit 101");
  await expect(run()).rejects.toThrow(/build nixfmt and deadnix failed[^]*no network[^]*next:/);
  putCargo();
  expect((await run()).count.passed).toBe(2);
  expect(existsSync(join(folder, "cargo.log"))).toBe(true);
});

it("does not pass over a folder in which there is nothing to check", async () => {
  execFileSync("git", ["-C", join(folder, "root"), "config", "core.excludesFile", join(folder, "ignore")]);
  writeFileSync(join(folder, "ignore"), "*.nix\n");
  await expect(run()).rejects.toThrow(/git knows no Nix file/);
});
