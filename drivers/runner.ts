import type { Argv } from "../plan/step";

/** Runs programs somewhere: here (local-runner) or on a node (ssh-runner). */

export interface RunOptions {
  readonly stdin?: string;
  readonly signal?: AbortSignal;
  /** Wall-clock seconds; the program is killed after them and `StepTimeout` is thrown. */
  readonly deadlineSeconds?: number;
  /** What its user does when they have passed. @default to give the stack's deadlines another factor */
  readonly ifLate?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Called with every chunk of standard output and standard error, for progress. A runner of this machine tells them apart. */
  readonly onOutput?: (chunk: string, from?: "stdout" | "stderr") => void;
}

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandRunner {
  /** Node name, or `host`. */
  readonly machine: string;
  /** Resolves for every exit code; throws `ConnectionLost` or `StepTimeout`, or an error of starting it. */
  run(command: Argv, options?: RunOptions): Promise<CommandResult>;
}
