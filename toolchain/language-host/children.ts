import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { constants } from "node:os";

/** The language host's children: the program, or npm. None of them outlives it. */

/** How long a cancelled program may take before it is killed. */
const GRACE_MS = 5000;

const running = new Set<ChildProcess>();

/** Exit code as a shell would give it: 128 + n after a signal. */
export function runChild(
  command: string,
  args: readonly string[],
  options: SpawnOptions,
  started: (child: ChildProcess) => void = () => undefined,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, options);
    running.add(child);
    started(child);
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      running.delete(child);
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

export function stopChildren(): void {
  for (const child of running) {
    child.kill("SIGTERM");
    setTimeout(() => child.kill("SIGKILL"), GRACE_MS).unref();
  }
}

export function leave(): never {
  for (const child of running) child.kill("SIGKILL");
  process.exit(0);
}
