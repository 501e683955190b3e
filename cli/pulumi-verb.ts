import { existsSync, readFileSync } from "node:fs";
import { runAttached } from "../drivers/attached-program";
import { Interrupted, INTERRUPTED_EXIT } from "../drivers/errors";
import { interruptionText } from "../plan/interruption";
import { hasPendingOperations, withoutPendingOperations } from "../plan/pending-operations";
import type { Places } from "./places";
import { askStack, fileBackend, pulumiProgram, requireFree, stateFile, type PulumiProgram } from "./pulumi-program";
import { renewStackConfig } from "./stack-config";

/** Runs up, preview, refresh or destroy of the Pulumi CLI on a stack, in the project. */

const say = (line: string): void => void process.stderr.write(`lab: ${line}\n`);

/** What a killed Pulumi was at: the next up does it again, and takes over what is there by its mark. */
async function forgetPendingOperations(pulumi: PulumiProgram, places: Places, stack: string): Promise<void> {
  const cleared = withoutPendingOperations(await askStack(pulumi, places, ["export", "--stack", stack]));
  if (cleared === undefined) return;
  await askStack(pulumi, places, ["import", "--stack", stack], cleared.text);
  say(
    `stack ${stack}: an earlier command was cut off while ${cleared.operations.join(", ")}; up does that again, destroy removes what is there of it`,
  );
}

/** Makes the stack where it is missing, and takes away what a killed Pulumi has left: its lock, and what it was in the middle of. Returns the path of the stack's configuration. */
async function prepareStack(pulumi: PulumiProgram, places: Places, stack: string): Promise<string> {
  const config = renewStackConfig(places, stack);
  await requireFree(pulumi, places, stack);
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
