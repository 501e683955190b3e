import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Argv } from "../plan/step";
import { shellLine } from "../plan/shell";
import { MissingProgram, StepTimeout } from "./errors";
import type { CommandResult, CommandRunner, RunOptions } from "./runner";

/** Runs programs on the machine that runs Pulumi. */
export const localRunner: CommandRunner = { machine: "host", run: runLocally };

export interface LocalRunOptions extends RunOptions {
  /** Standard input that is too big for a text; takes the place of `stdin`. */
  readonly input?: Readable;
}

/** Between SIGTERM at a deadline or cancellation and SIGKILL. */
const GRACE_MS = 3000;

const RAISE = "raise the deadlines factor, or find out what it waits for";

export async function runLocally(command: Argv, options: LocalRunOptions = {}): Promise<CommandResult> {
  const [program, ...args] = command;
  const child = spawn(program, args, {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...options.environment },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (chunk: string) => {
      output[name] += chunk;
      options.onOutput?.(chunk, name);
    });
  }
  child.stdin.on("error", () => undefined); // the program need not read it
  if (options.input === undefined) child.stdin.end(options.stdin ?? "");
  // A program that leaves early closes the pipe; its exit code says why.
  else pipeline(options.input, child.stdin).catch(() => undefined);

  const stop = (): void => {
    child.kill("SIGTERM");
    setTimeout(() => child.kill("SIGKILL"), GRACE_MS).unref();
  };
  let timedOut = false;
  const deadline =
    options.deadlineSeconds === undefined
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          stop();
        }, options.deadlineSeconds * 1000);
  if (options.signal?.aborted === true) stop();
  options.signal?.addEventListener("abort", stop, { once: true });
  try {
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.on("error", (error: NodeJS.ErrnoException) => {
        const isMissing = error.code === "ENOENT" && (options.cwd === undefined || existsSync(options.cwd));
        reject(isMissing ? new MissingProgram(program, { cause: error }) : error);
      });
      child.on("close", (code) => resolve(code ?? 128));
    });
    if (timedOut) {
      throw new StepTimeout(
        { machine: "host", step: program, next: options.ifLate ?? RAISE },
        shellLine(command),
        options.deadlineSeconds ?? 0,
        output.stderr || output.stdout,
      );
    }
    return { exitCode, ...output };
  } finally {
    clearTimeout(deadline);
    options.signal?.removeEventListener("abort", stop);
  }
}
