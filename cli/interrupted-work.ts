import { once } from "node:events";
import { Interrupted, INTERRUPTED_EXIT } from "../drivers/errors";

/**
 * Work of ./lab's own, in which no program on its terminal has the signals: an interrupt ends it within seconds, and says how things stand. What it
 * was at goes on until this process ends, which `endFailed` sees to.
 */

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** Throws `Interrupted` with what `howThingsStand` says, which has to be quick. */
export async function untilInterrupted<T>(
  howThingsStand: () => string | Promise<string>,
  work: () => Promise<T>,
): Promise<T> {
  const interruption = new AbortController();
  const ending = once(interruption.signal, "abort").then(async () => {
    throw new Interrupted(await howThingsStand(), INTERRUPTED_EXIT);
  });
  ending.catch(() => undefined); // when nobody interrupts it, nobody waits for it
  const interrupt = (): void => interruption.abort();
  for (const signal of SIGNALS) process.on(signal, interrupt);
  try {
    // A program that the terminal interrupted too has failed by that, which is no failure; and nothing comes after what was done by then.
    const done = work().finally(() => (interruption.signal.aborted ? ending : undefined));
    return await Promise.race([done, ending]);
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupt);
  }
}
