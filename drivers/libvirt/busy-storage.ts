import { CommandError } from "../errors";
import type { CommandResult } from "../runner";
import type { Virsh } from "../virsh";
import { waitUntil } from "../wait";
import { ifFound } from "./objects";

/** What libvirt refuses only for the moment, because another stack is at work on the same host. */

/** One stack destroys its pool while another looks at all of them: libvirt's words, and virsh's own. */
const isStopped = (error: unknown): boolean =>
  error instanceof CommandError && /pool '.*' is not active/.test(error.output);

/** The second look knows of the pool what the first came too late for. */
export async function againOnceStopped<T>(look: () => Promise<T>): Promise<T> {
  try {
    return await look();
  } catch (error) {
    if (!isStopped(error)) throw error;
    return look();
  }
}

/** Undefined when the pool, or what is wanted of it, is not there or not on. */
export async function ifOn<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ifFound(work);
  } catch (error) {
    if (!isStopped(error)) throw error;
    return undefined;
  }
}

/** A volume that is copied from, or is the copy, and their pools (storageVolDelete, storagePoolDestroy of libvirt 9.0). */
const BUSY = /volume '.*' is still (?:in use|being allocated)|pool '.*' has asynchronous jobs running/;

const isBusy = (error: unknown): error is CommandError => error instanceof CommandError && BUSY.test(error.output);

/** Undefined when a copy within the host holds the pool. */
export async function ifFree<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!isBusy(error)) throw error;
    return undefined;
  }
}

/** A node image's copy within a host, on a disk that others use too. */
const COPY_SECONDS = 600;

/** Waits while a copy within the host holds the volume or its pool: it ends by itself. */
export const onceFree = (virsh: Virsh, args: readonly string[], seconds = COPY_SECONDS): Promise<CommandResult> =>
  waitUntil(
    async () => {
      try {
        return { done: true, value: await virsh.run(args) };
      } catch (error) {
        if (!isBusy(error)) throw error;
        return { done: false, seen: error.output };
      }
    },
    {
      context: {
        machine: "host",
        step: `virsh ${args.join(" ")}`,
        next: "another stack copies from there; run the same command again when it has ended",
      },
      awaited: "a copy within the host to end",
      deadlineSeconds: seconds,
      intervalSeconds: 1,
    },
  );
