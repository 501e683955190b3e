/** Errors of the outside world: what failed, on which machine, in which step, the last lines, and what to do next. */

/** Lines of output that an error carries. */
const LAST_LINES = 20;

export const lastLines = (text: string): string => text.trimEnd().split("\n").slice(-LAST_LINES).join("\n");

export interface FailureContext {
  /** Node name, or `host` for the machine that runs Pulumi. */
  readonly machine: string;
  /** Title of the step, e.g. `initialise the control plane`. */
  readonly step: string;
  /** What the reader does now. */
  readonly next: string;
}

/** Base of every error whose text is meant for a user: no stack trace is shown for it. */
export class ReplikubeError extends Error {
  override readonly name: string = "ReplikubeError";
}

/** A program ended with another code than 0, or by a signal. */
export class CommandError extends ReplikubeError {
  override readonly name = "CommandError";
  constructor(
    readonly context: FailureContext,
    /** Shell-quoted, free of secrets, ready to be pasted. */
    readonly command: string,
    readonly exitCode: number,
    readonly output: string,
    options?: ErrorOptions,
  ) {
    super(
      `${context.machine}: ${context.step} failed: ${command} exited with code ${exitCode}\n${lastLines(output)}\nnext: ${context.next}`,
      options,
    );
  }
}

/** It could not even be started. */
export class MissingProgram extends ReplikubeError {
  override readonly name = "MissingProgram";
  constructor(program: string, options?: ErrorOptions) {
    super(`host: there is no program ${program} on PATH\nnext: ./lab setup, or install it`, options);
  }
}

/** The connection went away while something ran: nothing is known about how that ended. */
export class ConnectionLost extends ReplikubeError {
  override readonly name = "ConnectionLost";
  constructor(machine: string, during: string, options?: ErrorOptions) {
    super(
      `${machine}: connection lost during ${during}; whether it finished is not known, the next up looks first`,
      options,
    );
  }
}

/** A deadline passed. */
export class StepTimeout extends ReplikubeError {
  override readonly name = "StepTimeout";
  constructor(context: FailureContext, awaited: string, seconds: number, lastObservation: string) {
    super(
      `${context.machine}: ${context.step} did not finish: waited ${Math.round(seconds)} s for ${awaited}; last seen: ${lastLines(lastObservation) || "nothing"}\nnext: ${context.next}`,
    );
  }
}

/** As a shell has it for one that Ctrl-C ended. */
export const INTERRUPTED_EXIT = 130;

/** Whoever runs the command wants it to end: nothing that would come next may be done. */
export class Interrupted extends ReplikubeError {
  override readonly name = "Interrupted";
  constructor(
    text: string,
    /** What this process ends with. */
    readonly exitCode: number,
  ) {
    super(text);
  }
}
