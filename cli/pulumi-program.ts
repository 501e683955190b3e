import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { CommandError, ReplikubeError } from "../drivers/errors";
import { runLocally } from "../drivers/local-runner";
import { backendFolder } from "../plan/stack-record";
import { untilInterrupted } from "./interrupted-work";
import { awaitOrphan } from "./orphaned-pulumi";
import type { Places } from "./places";
import { pulumiEnvironment } from "./pulumi-environment";
import { pulumiInUse } from "./setup/pulumi-cli";
import { configCopy, configFolder } from "./stack-config";
import { clearDeadLock, holderOf } from "./stack-lock";

/** The Pulumi CLI as ./lab's verbs use it, what it says of a stack, and whether somebody works on that. */

const say = (line: string): void => void process.stderr.write(`lab: ${line}\n`);

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

/** Runs `pulumi stack …`; its output, or an error. */
export async function askStack(
  { program, environment }: PulumiProgram,
  places: Places,
  args: readonly string[],
  stdin?: string,
): Promise<string> {
  const command = [program, "stack", ...args, "--cwd", configFolder(places), "--non-interactive"] as const;
  const result = await runLocally(command, { environment, ...(stdin !== undefined && { stdin }) });
  if (result.exitCode === 0) return result.stdout;
  const context = { machine: "host", step: `pulumi stack ${args[0] ?? ""}`, next: "read Pulumi's message above" };
  throw new CommandError(context, `pulumi stack ${args.join(" ")}`, result.exitCode, result.stderr || result.stdout);
}

/** Other backends than files are left to Pulumi. */
export const fileBackend = ({ environment }: PulumiProgram): string | undefined =>
  backendFolder(environment["PULUMI_BACKEND_URL"] ?? "");

/** A Pulumi that works on the stack is an error which names it, but for one whose ./lab was killed, which is waited for; the lock of a dead one is taken away. */
export async function requireFree(pulumi: PulumiProgram, places: Places, stack: string): Promise<void> {
  await untilInterrupted(
    () => `stack ${stack}: ./lab was interrupted before it could work on it\nnext: the same command again`,
    () => awaitOrphan({ stack, configFile: configCopy(places, stack), report: say }),
  );
  const folder = fileBackend(pulumi);
  if (folder === undefined || !clearDeadLock(folder, projectName(places.root), stack)) return;
  say(`stack ${stack}: took away the lock of a Pulumi that is dead`);
}

/** Who works on the stack just now; undefined also where only the backend could tell. */
export function stackHolder(pulumi: PulumiProgram, places: Places, stack: string): string | undefined {
  const folder = fileBackend(pulumi);
  return folder === undefined ? undefined : holderOf(folder, projectName(places.root), stack);
}

export const stateFile = (folder: string, { root }: Places, stack: string): string =>
  join(folder, ".pulumi/stacks", projectName(root), `${stack}.json`);

/** When the stack's state was last written, 0 for never; undefined where only the backend could tell. */
export async function stateChangedMs(places: Places, stack: string): Promise<number | undefined> {
  const folder = fileBackend(await pulumiProgram(places));
  if (folder === undefined) return undefined;
  return statSync(stateFile(folder, places, stack), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
