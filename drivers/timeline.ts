import { appendFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { TimelineEvent } from "../plan/timeline-events";

/** Appends to the timeline file of a stack, which says who did what when; plan/timeline-events.ts has its form. */
export interface Timeline {
  readonly file: string;
  record(event: StepEvent): void;
}

export type StepEvent = Pick<TimelineEvent, "machine" | "step" | "title" | "event" | "seconds" | "note">;

export const timelineFile = (root: string, stack: string): string => join(root, ".state/timeline", `${stack}.jsonl`);

/** The command of ./lab, else this process: everything that it does belongs to one run. */
const currentRun = (): string =>
  process.env["REPLIKUBE_RUN"] ?? new Date(Date.now() - process.uptime() * 1000).toISOString().slice(0, 19);

/** One write a line: lines of several processes never mix, and a killed writer leaves at most one half line. */
export function timelineOf(root: string, stack: string, run: string = currentRun()): Timeline {
  const file = timelineFile(root, stack);
  mkdirSync(dirname(file), { recursive: true });
  return {
    file,
    record: (event) => {
      const line: TimelineEvent = { at: new Date().toISOString(), stack, ...event, run };
      appendFileSync(file, `${JSON.stringify(line)}\n`);
    },
  };
}
