import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runAttached } from "../drivers/attached-program";
import { CommandError, ReplikubeError } from "../drivers/errors";
import { runLocally } from "../drivers/local-runner";
import { withoutPendingOperations } from "../plan/pending-operations";
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

export const projectName = (root: string): string =>
  /^name:\s*(\S+)/m.exec(readFileSync(join(root, "Pulumi.yaml"), "utf8"))?.[1] ?? "";

/** Makes the stack where it is missing, and takes away the lock of a dead Pulumi. */
async function prepareStack(
  places: Places,
  stack: string,
): Promise<{ readonly config: string; readonly interrupted: boolean }> {
  const { program, environment } = await pulumiProgram(places);
  const config = renewStackConfig(places, stack);
  const backend = environment["PULUMI_BACKEND_URL"] ?? "";
  if (!backend.startsWith("file://")) return { config, interrupted: false };
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
  return { config, interrupted };
}

const say = (line: string): void => void process.stderr.write(`lab: ${line}\n`);

/** What a killed Pulumi was at: the next up does it again, and takes over what is there by its mark. */
async function forgetPendingOperations(places: Places, stack: string): Promise<void> {
  const { program, environment } = await pulumiProgram(places);
  const call = async (args: readonly string[], stdin?: string): Promise<string> => {
    const command = [program, "stack", ...args, "--stack", stack, "--cwd", places.root, "--non-interactive"] as const;
    const result = await runLocally(command, { environment, ...(stdin !== undefined && { stdin }) });
    if (result.exitCode === 0) return result.stdout;
    const next = `./lab pulumi stack export --stack ${stack} shows what is in its way`;
    const context = { machine: "host", step: `look through the state of stack ${stack}`, next };
    throw new CommandError(context, `pulumi stack ${args.join(" ")}`, result.exitCode, result.stderr);
  };
  const cleared = withoutPendingOperations(await call(["export"]));
  if (cleared === undefined) return;
  await call(["import"], cleared.text);
  say(`stack ${stack}: interrupted while ${cleared.operations.join(", ")}; that is taken up again`);
}

export async function runStackVerb(
  places: Places,
  verb: string,
  stack: string,
  args: readonly string[],
): Promise<number> {
  const { program, environment } = await pulumiProgram(places);
  const { config, interrupted } = await prepareStack(places, stack);
  if (interrupted) {
    say(`stack ${stack}: took away the lock of a Pulumi that is dead`);
    await forgetPendingOperations(places, stack);
  }
  return runAttached([program, verb, "--stack", stack, "--config-file", config, "--cwd", places.root, ...args], {
    environment,
  });
}
