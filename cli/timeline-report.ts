import { existsSync, readFileSync } from "node:fs";
import { ReplikubeError } from "../drivers/errors";
import { timelineChart } from "../plan/timeline-chart";
import { parseTimeline, runsOf, type TimelineLog } from "../plan/timeline-events";
import { timelineView, type TimelineView } from "../plan/timeline-view";

/** What `./lab timeline` shows of a stack's timeline file. */
export interface TimelineRequest {
  /** `.state/timeline/<stack>.jsonl` */
  readonly file: string;
  readonly stack: string;
  /** Absent: the newest run that has a timeline. */
  readonly run?: string;
}

const readLog = ({ file, stack }: TimelineRequest): TimelineLog => {
  const log: TimelineLog = existsSync(file)
    ? parseTimeline(readFileSync(file, "utf8"))
    : { events: [], damagedLines: 0 };
  if (log.events.length > 0) return log;
  throw new ReplikubeError(
    `stack ${stack} has no timeline: nothing has been done for it yet\nnext: ./lab up --stack ${stack}`,
  );
};

/** Undefined when that run did nothing: a run with nothing to do writes no events. */
export function timelineOfRun(file: string, run: string): TimelineView | undefined {
  const { events } = existsSync(file) ? parseTimeline(readFileSync(file, "utf8")) : { events: [] };
  return events.some((event) => event.run === run) ? timelineView(events, run) : undefined;
}

export function readTimeline(request: TimelineRequest): TimelineView {
  const { events } = readLog(request);
  const runs = runsOf(events);
  const run = request.run ?? runs.at(-1) ?? "";
  if (!runs.includes(run)) {
    const known = runs.map((each) => `  ${each}  ${timelineView(events, each).startedAt}`);
    throw new ReplikubeError(`run ${run}: no such run of stack ${request.stack}; the runs are:\n${known.join("\n")}`);
  }
  return timelineView(events, run);
}

export function timelineText(request: TimelineRequest, columns: number): string {
  const { damagedLines } = readLog(request);
  const chart = timelineChart(readTimeline(request), { columns });
  const note = `${damagedLines} damaged ${damagedLines === 1 ? "line" : "lines"} left out: a writer was killed in the middle of it\n`;
  return damagedLines === 0 ? chart : `${chart}\n${note}`;
}
