import { setTimeout as sleep } from "node:timers/promises";
import { StepTimeout, type FailureContext } from "./errors";

/** One look at the world: done with a value, or what was seen instead. Throwing ends the wait at once. */
export type Observation<T> =
  { readonly done: true; readonly value: T } | { readonly done: false; readonly seen: string };

export interface WaitOptions {
  readonly context: FailureContext;
  /** What is awaited, for the error: `an SSH host key`. */
  readonly awaited: string;
  readonly deadlineSeconds: number;
  readonly intervalSeconds: number;
  readonly signal?: AbortSignal;
}

/**
 * Looks until it is done. A deadline throws `StepTimeout` with the last observation; the last look is never cut short
 * by the deadline, so that a slow host cannot turn a success into an error.
 */
export async function waitUntil<T>(look: () => Promise<Observation<T>>, options: WaitOptions): Promise<T> {
  const started = performance.now();
  for (;;) {
    options.signal?.throwIfAborted();
    const observation = await look();
    if (observation.done) return observation.value;
    const elapsedSeconds = (performance.now() - started) / 1000;
    if (elapsedSeconds + options.intervalSeconds > options.deadlineSeconds) {
      throw new StepTimeout(options.context, options.awaited, elapsedSeconds, observation.seen);
    }
    await sleep(
      options.intervalSeconds * 1000,
      undefined,
      options.signal === undefined ? {} : { signal: options.signal },
    );
  }
}
