import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { ReplikubeError } from "./errors";

/** Somebody else has the lock, and it was not to be waited for. */
export class LockHeld extends ReplikubeError {
  override readonly name = "LockHeld";
}

/** flock's exit code for it; EX_TEMPFAIL of sysexits.h. */
const HELD = 75;

export interface LockOptions {
  /** 0: it is not waited for. @default as long as it takes */
  readonly waitSeconds?: number;
}

/**
 * One at a time among all processes of this machine. The lock is the kernel's (flock) and is held by a child that ends when
 * its standard input does: it is free again however this process ends, and not before. A terminal's Ctrl-C would end a child in
 * this process's group while this process, which handles it, goes on.
 */
export async function withFileLock<T>(
  path: string,
  work: () => Promise<T>,
  { waitSeconds }: LockOptions = {},
): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  const limit =
    waitSeconds === undefined ? [] : ["--timeout", String(waitSeconds), "--conflict-exit-code", String(HELD)];
  const holder = spawn("flock", ["--exclusive", ...limit, path, "sh", "-c", "echo held; exec cat >/dev/null"], {
    stdio: ["pipe", "pipe", "inherit"],
    detached: true,
  });
  const ended = new Promise<never>((_resolve, reject) => {
    holder.on("error", (error) => reject(new ReplikubeError(`host: cannot lock ${path}: ${error.message}`)));
    holder.on("exit", (code) =>
      reject(
        code === HELD
          ? new LockHeld(
              `host: ${path} is locked, and was for ${waitSeconds} s\nnext: lslocks names the process that holds it; end that, or try again`,
            )
          : new ReplikubeError(`host: flock left with code ${code} before it held ${path}`),
      ),
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
