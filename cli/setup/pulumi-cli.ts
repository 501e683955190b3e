import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { CommandError } from "../../drivers/errors";
import { withFileLock } from "../../drivers/file-lock";
import { runLocally } from "../../drivers/local-runner";
import type { Places } from "../places";
import type { Part } from "./part";

/** The Pulumi CLI: the one on PATH when it is new enough and complete, else built from its Go module, with our language host beside it. */

const VERSION = "3.259.0";
const FLAGS = [
  "-mod=readonly",
  "-trimpath",
  // What the linker leaves out (-w) need not be made.
  "-gcflags=all=-dwarf=false",
  "-tags=osusergo,grpcnotrace",
  `-ldflags=-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${VERSION}`,
] as const;
const HOST_SCRIPTS = ["pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"] as const;

export const isNewEnough = (version: string): boolean => {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = VERSION.split(".").map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
};

async function onPath(): Promise<string | undefined> {
  const { stdout } = await runLocally([
    "sh",
    "-c",
    "command -v pulumi && command -v pulumi-language-nodejs && pulumi version",
  ]);
  const [program, host, version] = stdout.trim().split("\n");
  return program !== undefined && host !== undefined && isNewEnough(version ?? "") ? program : undefined;
}

/** Named by everything that its bytes depend on. */
function builtPath({ root, cache }: Places): string {
  const sums = readFileSync(join(root, "toolchain/pulumi/go.sum"));
  const key = createHash("sha256").update(sums).update(FLAGS.join("\0")).digest("hex").slice(0, 12);
  return join(cache, `pulumi-${key}`, "bin/pulumi");
}

export async function pulumiInUse(places: Places): Promise<string | undefined> {
  const found = await onPath();
  if (found !== undefined) return found;
  const built = builtPath(places);
  return existsSync(built) ? built : undefined;
}

async function build(places: Places, program: string, report: (line: string) => void): Promise<void> {
  report(`Pulumi CLI: building v${VERSION} from its Go module (3 to 10 minutes on 2 cores, once)`);
  const unfinished = `${program}.${process.pid}`;
  const command = ["go", "build", ...FLAGS, "-o", unfinished, "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"] as const;
  const { exitCode, stderr } = await runLocally(["nice", "-n", "5", ...command], {
    cwd: join(places.root, "toolchain/pulumi"),
    // A compiler that collects its garbage less often takes a tenth less of the processors.
    environment: { GOFLAGS: "", GOTELEMETRY: "off", GOGC: "400" },
  });
  if (exitCode !== 0) {
    const next = "check that the Go module proxy can be reached, then run this again: it goes on where it stopped";
    throw new CommandError({ machine: "host", step: "build the Pulumi CLI", next }, "go build", exitCode, stderr);
  }
  renameSync(unfinished, program); // whole, or not there
}

const ourScript = ({ root }: Places, script: string): string => join(root, "toolchain/language-host", script);

const hasLanguageHost = (places: Places, program: string): boolean =>
  HOST_SCRIPTS.every((script) => {
    const target = join(dirname(program), script);
    return existsSync(target) && readFileSync(target).equals(readFileSync(ourScript(places, script)));
  });

function addLanguageHost(places: Places, program: string): void {
  for (const script of HOST_SCRIPTS) {
    const target = join(dirname(program), script);
    copyFileSync(ourScript(places, script), `${target}.${process.pid}`);
    renameSync(`${target}.${process.pid}`, target);
  }
}

export const pulumiCli: Part = {
  name: "Pulumi CLI",
  plan: `v${VERSION}, built from its Go module, with our own language host`,
  async check(places) {
    const found = await onPath();
    if (found !== undefined) return { what: found, why: "on PATH, new enough, with its language host" };
    const built = builtPath(places);
    if (!existsSync(built) || !hasLanguageHost(places, built)) return undefined;
    return {
      what: built,
      why: "built before; none on PATH that is new enough; with our own language host, a stand-in",
    };
  },
  async take(places, report) {
    const program = builtPath(places);
    mkdirSync(dirname(program), { recursive: true });
    await withFileLock(join(dirname(program), ".lock"), async () => {
      if (!existsSync(program)) await build(places, program, report);
    });
    addLanguageHost(places, program);
    return { what: program, why: "built: none on PATH that is new enough; with our own language host, a stand-in" };
  },
};
