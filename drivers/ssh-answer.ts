import { HostKeyMismatch } from "./ssh-runner";
import { waitUntil, type WaitOptions } from "./wait";

/**
 * Of a machine that boots: its first answer over SSH. A wrong key never becomes the right one. `requireThere` is asked after each
 * failure: what it throws ends the wait.
 */
export const untilAnswered = <T>(
  ask: () => Promise<T>,
  options: WaitOptions,
  requireThere: () => Promise<void> = () => Promise.resolve(),
): Promise<T> =>
  waitUntil(async () => {
    try {
      return { done: true, value: await ask() };
    } catch (error) {
      if (error instanceof HostKeyMismatch) throw error;
      await requireThere();
      return { done: false, seen: error instanceof Error ? error.message : String(error) };
    }
  }, options);
