import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { ReplikubeError } from "./errors";

/**
 * One at a time among all processes of this machine. The lock is the kernel's (flock) and is held by a child that ends when
 * its standard input does: it is free again however this process ends.
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  const holder = spawn("flock", ["--exclusive", path, "sh", "-c", "echo held; exec cat >/dev/null"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = new Promise<never>((_resolve, reject) => {
    holder.on("error", (error) => reject(new ReplikubeError(`host: cannot lock ${path}: ${error.message}`)));
    holder.on("exit", (code) =>
      reject(new ReplikubeError(`host: flock left with code ${code} before it held ${path}`)),
    );
  });
  ended.catch(() => undefined); // the normal end, once it was held
  await Promise.race([once(holder.stdout, "data"), ended]);
  try {
    return await work();
  } finally {
    holder.stdin.end();
    await ended.catch(() => undefined);
  }
}
