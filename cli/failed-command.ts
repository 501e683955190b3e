import { Interrupted, ReplikubeError } from "../drivers/errors";

/** The end of a command that failed: its message, and the exit code. A stack trace is for a fault of this program. */
export function endFailed(error: unknown): void {
  const text = error instanceof ReplikubeError ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`${text}\n`);
  // What an interrupted command was at would go on, and keep this process.
  if (error instanceof Interrupted) process.exit(error.exitCode);
  process.exitCode = 1;
}
