import { spawn } from "node:child_process";
import { constants } from "node:os";
import type { Argv } from "../plan/step";

/** Runs a program on this process's own terminal: a shell on a node, kubectl, virsh console. */
export interface AttachedOptions {
  readonly environment?: Readonly<Record<string, string>>;
}

/** Signals that the terminal does not send to the whole foreground group by itself. */
const FORWARDED = ["SIGTERM", "SIGHUP"] as const;

const stay = (): void => undefined;

/** Exit code as a shell would give it: 128 + n after a signal. Ctrl-C is the program's to handle; this process waits for it. */
export async function runAttached(command: Argv, options: AttachedOptions = {}): Promise<number> {
  const [program, ...args] = command;
  const child = spawn(program, args, { stdio: "inherit", env: { ...process.env, ...options.environment } });
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  for (const signal of FORWARDED) process.on(signal, forward);
  process.on("SIGINT", stay);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
    });
  } finally {
    for (const signal of FORWARDED) process.off(signal, forward);
    process.off("SIGINT", stay);
  }
}
