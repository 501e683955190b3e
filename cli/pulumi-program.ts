import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runAttached } from "../drivers/attached-program";
import { CommandError, ReplikubeError } from "../drivers/errors";
import { runLocally } from "../drivers/local-runner";
import type { Places } from "./places";
import { pulumiEnvironment } from "./pulumi-environment";
import { pulumiInUse } from "./setup/pulumi-cli";
import { configFolder, renewStackConfig } from "./stack-config";
import { clearDeadLock } from "./stack-lock";

/** Runs the Pulumi CLI in the project, as ./lab's verbs do. */

export interface PulumiProgram {
  readonly program: string;
  readonly environment: Readonly<Record<string, string>>;
}

export async function pulumiProgram(places: Places): Promise<PulumiProgram> {
  const program = await pulumiInUse(places);
  if (program === undefined) throw new ReplikubeError("host: there is no Pulumi CLI yet\nnext: ./lab setup");
  return { program, environment: pulumiEnvironment(places, program) };
}

const projectName = (root: string): string =>
  /^name:\s*(\S+)/m.exec(readFileSync(join(root, "Pulumi.yaml"), "utf8"))?.[1] ?? "";

/** Makes the stack where it is missing, and takes away the lock of a dead Pulumi. */
export async function prepareStack(
  places: Places,
  stack: string,
): Promise<{ readonly config: string; readonly pendingCleared: boolean }> {
  const { program, environment } = await pulumiProgram(places);
  const config = renewStackConfig(places, stack);
  const backend = environment["PULUMI_BACKEND_URL"] ?? "";
  if (!backend.startsWith("file://")) return { config, pendingCleared: false };
  const folder = backend.slice("file://".length);
  const project = projectName(places.root);
  const interrupted = clearDeadLock(folder, project, stack);
  if (!existsSync(join(folder, ".pulumi/stacks", project, `${stack}.json`))) {
    const command = [program, "stack", "init", stack, "--cwd", configFolder(places), "--non-interactive"] as const;
    const { exitCode, stdout, stderr } = await runLocally(command, { environment });
    if (exitCode !== 0) {
      const next = "read Pulumi's message above";
      throw new CommandError(
        { machine: "host", step: `make stack ${stack}`, next },
        "pulumi stack init",
        exitCode,
        stdout + stderr,
      );
    }
  }
  return { config, pendingCleared: interrupted };
}

export async function runStackVerb(
  places: Places,
  verb: string,
  stack: string,
  args: readonly string[],
): Promise<number> {
  const { program, environment } = await pulumiProgram(places);
  const { config, pendingCleared } = await prepareStack(places, stack);
  if (pendingCleared) process.stderr.write(`lab: stack ${stack}: took away the lock of a Pulumi that is dead\n`);
  return runAttached([program, verb, "--stack", stack, "--config-file", config, "--cwd", places.root, ...args], {
    environment,
  });
}
