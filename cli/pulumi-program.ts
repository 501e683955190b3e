import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { runAttached } from "../drivers/attached-program";
import { CommandError, Interrupted, INTERRUPTED_EXIT, ReplikubeError } from "../drivers/errors";
import { runLocally } from "../drivers/local-runner";
import { interruptionText } from "../plan/interruption";
import { hasPendingOperations, withoutPendingOperations } from "../plan/pending-operations";
import { backendFolder } from "../plan/stack-record";
import type { Places } from "./places";
import { pulumiEnvironment } from "./pulumi-environment";
import { pulumiInUse } from "./setup/pulumi-cli";
import { configFolder, renewStackConfig } from "./stack-config";
import { clearDeadLock, holderOf } from "./stack-lock";

/** Runs the Pulumi CLI in the project, as ./lab's verbs do. */

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

/** What a killed Pulumi was at: the next up does it again, and takes over what is there by its mark. */
async function forgetPendingOperations(pulumi: PulumiProgram, places: Places, stack: string): Promise<void> {
  const cleared = withoutPendingOperations(await askStack(pulumi, places, ["export", "--stack", stack]));
  if (cleared === undefined) return;
  await askStack(pulumi, places, ["import", "--stack", stack], cleared.text);
  say(
    `stack ${stack}: an earlier command was cut off while ${cleared.operations.join(", ")}; up does that again, destroy removes what is there of it`,
  );
}

/** Other backends than files are left to Pulumi. */
const fileBackend = ({ environment }: PulumiProgram): string | undefined =>
  backendFolder(environment["PULUMI_BACKEND_URL"] ?? "");

/** A Pulumi that works on the stack is an error which names it; the lock of a dead one is taken away. */
export function requireFree(pulumi: PulumiProgram, places: Places, stack: string): void {
  const folder = fileBackend(pulumi);
  if (folder === undefined || !clearDeadLock(folder, projectName(places.root), stack)) return;
  say(`stack ${stack}: took away the lock of a Pulumi that is dead`);
}

/** Who works on the stack just now; undefined also where only the backend could tell. */
export function stackHolder(pulumi: PulumiProgram, places: Places, stack: string): string | undefined {
  const folder = fileBackend(pulumi);
  return folder === undefined ? undefined : holderOf(folder, projectName(places.root), stack);
}

const stateFile = (folder: string, { root }: Places, stack: string): string =>
  join(folder, ".pulumi/stacks", projectName(root), `${stack}.json`);

/** When the stack's state was last written; undefined where only the backend could tell. */
export async function stateChangedMs(places: Places, stack: string): Promise<number | undefined> {
  const folder = fileBackend(await pulumiProgram(places));
  return folder === undefined
    ? undefined
    : statSync(stateFile(folder, places, stack), { throwIfNoEntry: false })?.mtimeMs;
}

/** Makes the stack where it is missing, and takes away what a killed Pulumi has left: its lock, and what it was in the middle of. Returns the path of the stack's configuration. */
async function prepareStack(pulumi: PulumiProgram, places: Places, stack: string): Promise<string> {
  const config = renewStackConfig(places, stack);
  requireFree(pulumi, places, stack);
  const folder = fileBackend(pulumi);
  if (folder === undefined) return config;
  const state = stateFile(folder, places, stack);
  if (!existsSync(state)) await askStack(pulumi, places, ["init", stack]);
  // Looked at without starting Pulumi. One that was interrupted twice leaves them without a lock.
  else if (hasPendingOperations(readFileSync(state, "utf8"))) await forgetPendingOperations(pulumi, places, stack);
  return config;
}

/**
 * An interrupted Pulumi waits until what it is at is done, which takes minutes on a machine; the second interrupt it obeys. All of it,
 * with what is said in the end, takes less than ten seconds.
 */
const INSIST_SECONDS = 5;

/** An interrupt stays one when the state cannot be read. */
async function whatIsThere(pulumi: PulumiProgram, places: Places, stack: string): Promise<string> {
  try {
    return interruptionText(stack, await askStack(pulumi, places, ["export", "--stack", stack]));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `stack ${stack} was interrupted, and its state cannot be read: ${reason}`;
  }
}

export interface StackVerb {
  readonly stack: string;
  readonly args: readonly string[];
  /** What Pulumi prints goes to standard error. */
  readonly aside?: boolean;
}

/** Pulumi's exit code; one that was interrupted throws `Interrupted` once Pulumi has ended. */
export async function runStackVerb(
  places: Places,
  verb: string,
  { stack, args, aside = false }: StackVerb,
): Promise<number> {
  const pulumi = await pulumiProgram(places);
  const config = await prepareStack(pulumi, places, stack);
  const { program, environment } = pulumi;
  const command = [program, verb, "--stack", stack, "--config-file", config, "--cwd", places.root, ...args] as const;
  let interrupted = false;
  const exitCode = await runAttached(command, {
    environment,
    insistAfterSeconds: INSIST_SECONDS,
    onInterrupt: () => {
      interrupted = true;
      say(`interrupted: Pulumi ends what it is at, and is cut off after ${INSIST_SECONDS} s`);
    },
    aside,
  });
  // Pulumi may have been done before it saw the interrupt.
  if (interrupted) throw new Interrupted(await whatIsThere(pulumi, places, stack), exitCode || INTERRUPTED_EXIT);
  return exitCode;
}
