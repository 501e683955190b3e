import { rmSync } from "node:fs";

/** Directories that must not outlive this process, as far as it is not killed outright. */

const directories = new Set<string>();

const removeAll = (): void => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
};

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The process ends by the signal as it would have without this. */
function end(signal: NodeJS.Signals): void {
  // Whoever else listens decides when it ends: it waits for a program that has the signal too, or exits.
  if (process.listenerCount(signal) > 1) return;
  removeAll();
  process.off(signal, end);
  process.kill(process.pid, signal);
}

/** Returns what lets go of it. */
export function removedAtExit(directory: string): () => void {
  if (directories.size === 0) {
    process.on("exit", removeAll);
    for (const signal of SIGNALS) process.on(signal, end);
  }
  directories.add(directory);
  return () => {
    directories.delete(directory);
    if (directories.size > 0) return;
    process.off("exit", removeAll);
    for (const signal of SIGNALS) process.off(signal, end);
  };
}
