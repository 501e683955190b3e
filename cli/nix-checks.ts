import { ReplikubeError } from "../drivers/errors";
import { runLocally } from "../drivers/local-runner";
import type { Argv } from "../plan/step";
import type { Places } from "./places";
import { nixCheckers, type NixCheckers } from "./setup/nix-checkers";
import { added, NOTHING, type Count } from "./test-count";

/** Holds every Nix file of the repository against nixfmt, deadnix and statix; nix/checks does the same where nixpkgs is. */

interface NixCheck {
  readonly program: string;
  readonly check: (files: readonly string[]) => Argv;
  readonly fix: (files: readonly string[]) => Argv;
  /** Why setup has not built it; undefined: it builds it where it can. */
  readonly unbuilt?: string;
}

const CHECKS: readonly NixCheck[] = [
  {
    program: "deadnix",
    check: (files) => ["deadnix", "--fail", ...files],
    fix: (files) => ["deadnix", "--edit", ...files],
  },
  {
    // It takes one file or folder, and passes over what git ignores.
    program: "statix",
    check: () => ["statix", "check", "."],
    fix: () => ["statix", "fix", "."],
    unbuilt: "no package registry has it; the flake's checks run it",
  },
  // The last one: it forms what the others change.
  {
    program: "nixfmt",
    check: (files) => ["nixfmt", "--check", ...files],
    fix: (files) => ["nixfmt", ...files],
  },
];

async function nixFilesOf({ root }: Places): Promise<readonly string[]> {
  const list = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.nix"] as const;
  const { stdout, stderr } = await runLocally(list, { cwd: root });
  const files = stdout.split("\0").filter(Boolean);
  if (files.length > 0) return files;
  throw new ReplikubeError(
    `host: git knows no Nix file in ${root}\n${stderr.trim()}\nnext: run this in a clone of the repository`,
  );
}

export interface NixChecking {
  readonly fix: boolean;
  readonly report: (line: string) => void;
}

/** PATH with ours in front, so that a commit is judged the same everywhere. */
function environmentOf(checkers: NixCheckers): Readonly<Record<string, string>> {
  const path = process.env["PATH"] ?? "";
  return { PATH: checkers.kind === "built" ? `${checkers.folder}:${path}` : path, NO_COLOR: "1" };
}

export async function checkNixFiles(places: Places, { fix, report }: NixChecking): Promise<Count> {
  const files = await nixFilesOf(places);
  const checkers = await nixCheckers(places, report);
  const options = { cwd: places.root, environment: environmentOf(checkers) };

  async function run({ program, unbuilt, ...commands }: NixCheck): Promise<Count> {
    const there = await runLocally(["sh", "-c", 'command -v "$0"', program], options);
    if (there.exitCode !== 0) {
      const why = unbuilt ?? (checkers.kind === "unbuilt" ? checkers.why : "it was not built");
      return { ...NOTHING, skipped: [`${program} is not on PATH: ${why}`] };
    }
    const { exitCode, stdout, stderr } = await runLocally((fix ? commands.fix : commands.check)(files), options);
    const said = `${stdout}${stderr}`.trimEnd();
    if (said !== "") report(said);
    if (exitCode === 0) return { ...NOTHING, passed: 1 };
    report(`${program}: exit code ${exitCode}; next: ./lab check-nix --fix, or mend it by hand`);
    return { ...NOTHING, failed: 1 };
  }

  let count = NOTHING;
  for (const check of CHECKS) count = added(count, await run(check));
  return count;
}
