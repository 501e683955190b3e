import type { StepEvent, Timeline } from "./timeline";

/** Work that is no planned step (a wait, a look) as one in the timeline. */
export async function recorded<T>(
  timeline: Pick<Timeline, "record">,
  event: Pick<StepEvent, "machine" | "step" | "title">,
  work: () => Promise<T>,
): Promise<T> {
  const started = performance.now();
  const seconds = (): number => Math.round((performance.now() - started) / 100) / 10;
  timeline.record({ ...event, event: "started" });
  try {
    const result = await work();
    timeline.record({ ...event, event: "finished", seconds: seconds() });
    return result;
  } catch (error) {
    timeline.record({ ...event, event: "failed", seconds: seconds() });
    throw error;
  }
}
