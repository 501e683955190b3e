import type { ImageFlavour, NixSettings } from "../plan/experiment-config";
import { NIX_REMEDY, nixFailureOf } from "../plan/nix-failures";
import { nixErrorText } from "../plan/nix-log";
import { shellLine } from "../plan/shell";
import type { Argv } from "../plan/step";
import { CommandError, MissingProgram, ReplikubeError } from "./errors";
import { byLine } from "./lines";
import { nixEnvironment } from "./nix-environment";
import type { CommandResult, CommandRunner } from "./runner";

/** One call of the real Nix, and errors that say what to do. */

export interface NixCall {
  /** For errors: `build node-image-debian of .`. */
  readonly step: string;
  readonly flavour: ImageFlavour;
  /** The stack's own. */
  readonly settings?: NixSettings | undefined;
  readonly runner: CommandRunner;
  /** A build has none. */
  readonly deadlineSeconds?: number;
  /** Every whole line of standard error. */
  readonly onLine?: (line: string) => void;
  /** What more there is to say when the flake has no such attribute. */
  readonly onMissingAttribute?: () => Promise<string>;
}

async function start(
  command: Argv,
  { step, flavour, settings, runner, deadlineSeconds, onLine }: NixCall,
): Promise<CommandResult> {
  try {
    return await runner.run(command, {
      environment: nixEnvironment(flavour, process.env, settings && { settings }),
      ...(deadlineSeconds !== undefined && { deadlineSeconds }),
      ...(onLine && { onOutput: byLine(onLine) }),
    });
  } catch (error) {
    if (!(error instanceof MissingProgram)) throw error;
    const next = "./lab setup, or install Nix 2.8 or newer";
    throw new ReplikubeError(`host: ${step} failed: there is no ${command[0]} on PATH\nnext: ${next}`, {
      cause: error,
    });
  }
}

/** Answers what Nix prints. */
export const callNix = async (command: Argv, call: NixCall): Promise<string> => (await runNix(command, call)).stdout;

/** For what it says beside that, too. */
export async function runNix(command: Argv, call: NixCall): Promise<CommandResult> {
  const result = await start(command, call);
  const { exitCode, stderr } = result;
  if (exitCode === 0) return result;
  const text = nixErrorText(stderr);
  const failure = nixFailureOf(text);
  const more = failure === "missing attribute" ? await call.onMissingAttribute?.() : undefined;
  const next = more ?? NIX_REMEDY[failure];
  throw new CommandError({ machine: "host", step: call.step, next }, shellLine(command), exitCode, text);
}
