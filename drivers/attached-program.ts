import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { isInForeground } from "../plan/process-stat";
import type { Argv } from "../plan/step";

/** Runs a program on this process's own terminal: Pulumi, a shell on a node, kubectl. */
export interface AttachedOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /**
   * Seconds after an interrupt until the program gets a second one. Pulumi takes the first as a wish, for which it waits as long as
   * a running step takes, and the second as an order. One that does not obey it within `OBEYS_SECONDS` is killed.
   */
  readonly insistAfterSeconds?: number;
  /** Once, at the first interrupt: Ctrl-C, or a signal to end. */
  readonly onInterrupt?: () => void;
  /** Its standard output goes to this process's standard error: what this process prints is for a script. */
  readonly aside?: boolean;
  /**
   * Whether a terminal sends its interrupts to the program too.
   * @default as it is when one comes, wherever standard input leads
   */
  readonly terminal?: boolean;
}

const OBEYS_SECONDS = 3;

/** Signals that the terminal does not send to the whole foreground group by itself. */
const FORWARDED = ["SIGTERM", "SIGHUP"] as const;

const sharesTerminal = (): boolean => isInForeground(readFileSync("/proc/self/stat", "utf8"));

/** Exit code as a shell would give it: 128 + n after a signal. Ctrl-C is the program's to handle; this process waits for it. */
export async function runAttached(command: Argv, options: AttachedOptions = {}): Promise<number> {
  const { environment, cwd, insistAfterSeconds, onInterrupt, aside = false, terminal } = options;
  const [program, ...args] = command;
  const child = spawn(program, args, {
    stdio: ["inherit", aside ? process.stderr : "inherit", "inherit"],
    env: { ...process.env, ...environment },
    ...(cwd === undefined ? {} : { cwd }),
  });
  /** Of the next, stronger signal. */
  let escalation: NodeJS.Timeout | undefined;
  let interrupted = false;
  const insist = (): void => {
    child.kill("SIGINT");
    escalation = setTimeout(() => child.kill("SIGKILL"), OBEYS_SECONDS * 1000);
  };
  const begin = (): void => {
    if (interrupted) return;
    interrupted = true;
    onInterrupt?.();
    if (insistAfterSeconds !== undefined) escalation = setTimeout(insist, insistAfterSeconds * 1000);
  };
  const forward = (signal: NodeJS.Signals): void => {
    child.kill(signal);
    begin();
  };
  const interrupt = (): void => {
    // A terminal has sent it to the program too, and twice would already be an order.
    if (!(terminal ?? sharesTerminal())) child.kill("SIGINT");
    begin();
  };
  for (const signal of FORWARDED) process.on(signal, forward);
  process.on("SIGINT", interrupt);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
    });
  } finally {
    clearTimeout(escalation);
    for (const signal of FORWARDED) process.off(signal, forward);
    process.off("SIGINT", interrupt);
  }
}
