import { ClockRunsWrong } from "./guest-clock";

/** A host that is as busy again will not be otherwise the next time. */
const MOST_RESETS = 2;

/** Such a machine is of no use, however long it is waited for. `reset` comes back once it has booted. */
export async function bootedAnewWhileItsClockRunsWrong<T>(
  work: () => Promise<T>,
  reset: () => Promise<void>,
): Promise<T> {
  for (let resets = 0; resets < MOST_RESETS; resets += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ClockRunsWrong)) throw error;
      await reset();
    }
  }
  return work();
}
