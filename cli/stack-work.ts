import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ReplikubeError } from "../drivers/errors";
import { LockHeld, withFileLock } from "../drivers/file-lock";
import type { Places } from "./places";

/**
 * One ./lab of this checkout works on a stack. Pulumi's own lock is there while Pulumi runs: not while machines are stopped and started,
 * and not until a destroy is proven or a time to live is renewed.
 */

export interface StackCommand {
  readonly stack: string;
  /** Of ./lab: `stop`. */
  readonly verb: string;
}

export class StackBusy extends ReplikubeError {
  override readonly name = "StackBusy";
  constructor(
    stack: string,
    readonly holder: string,
  ) {
    super(`stack ${stack}: ${holder} works on it\nnext: wait until it is done`);
  }
}

/** Throws `StackBusy` when another works on it. */
export async function workOnStack<T>(
  { state }: Places,
  { stack, verb }: StackCommand,
  work: () => Promise<T>,
): Promise<T> {
  const path = join(state, "locks", stack);
  const locked = (): Promise<T> => {
    // In place: a new file would be another lock.
    writeFileSync(path, `./lab ${verb} (process ${process.pid}) since ${new Date().toISOString()}`);
    return work();
  };
  try {
    return await withFileLock(path, locked, { waitSeconds: 0 });
  } catch (error) {
    if (!(error instanceof LockHeld)) throw error;
    throw new StackBusy(stack, readFileSync(path, "utf8") || "another ./lab");
  }
}
