import type { Span, TimelineView, Wait } from "./timeline-view";

/** The text form of the timeline: a block per machine, a line per step with its seconds and its place on the time axis. */

const PHASE_WIDTH = 6;
const TITLE_WIDTH = 40;

/** What a bar is drawn with; plain ASCII, so that logs and mails keep it. */
const INK = { finished: "=", failed: "x", unfinished: ">", skipped: "" } as const;
const WAIT_INK = ".";

/** Shorter times between two steps would print as 0.0 s. */
const SHOWN_GAP_SECONDS = 0.05;

const fit = (text: string, width: number): string =>
  (text.length > width ? `${text.slice(0, width - 1)}~` : text).padEnd(width);

const seconds = (value: number): string => `${value.toFixed(1)} s`;

export interface ChartOptions {
  /** Columns of the terminal. */
  readonly columns: number;
}

interface Row {
  readonly label: string;
  readonly title: string;
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly ink: string;
  readonly remark: string;
}

const spanRow = (span: Span): Row => ({
  label: span.phase === "other" ? "" : span.phase,
  title: span.title,
  startSeconds: span.startSeconds,
  endSeconds: span.endSeconds,
  ink: INK[span.outcome],
  remark: [span.outcome === "finished" ? "" : span.outcome, span.note ?? ""].filter((text) => text !== "").join(": "),
});

const waitRow = (wait: Wait): Row => ({
  label: "wait",
  title: wait.for === null ? "between steps" : `for ${wait.for.title} (${wait.for.machine})`,
  startSeconds: wait.startSeconds,
  endSeconds: wait.endSeconds,
  ink: WAIT_INK,
  remark: "",
});

/** At least one column, so that a short step is seen; never beyond the axis. */
function bar(row: Row, total: number, width: number): string {
  if (row.ink === "") return " ".repeat(width);
  const scale = total === 0 ? 0 : width / total;
  const from = Math.min(Math.floor(row.startSeconds * scale), width - 1);
  const to = Math.max(Math.min(Math.round(row.endSeconds * scale), width), from + 1);
  return `${" ".repeat(from)}${row.ink.repeat(to - from)}`.padEnd(width);
}

export function timelineChart(view: TimelineView, options: ChartOptions): string {
  const left = 2 + PHASE_WIDTH + 1 + TITLE_WIDTH + 1 + 9 + 2;
  const width = Math.max(20, options.columns - left - 2);
  const line = (row: Row): string => {
    const took = row.ink === "" ? "-" : seconds(row.endSeconds - row.startSeconds);
    const text = `  ${fit(row.label, PHASE_WIDTH)} ${fit(row.title, TITLE_WIDTH)} ${took.padStart(9)}  |${bar(row, view.seconds, width)}|`;
    return row.remark === "" ? text : `${text} ${row.remark}`;
  };
  const axis = `${" ".repeat(left + 1)}0 s${seconds(view.seconds).padStart(width - 3)}`;
  const blocks = view.machines.map(({ machine, spans, waits }) => {
    const rows = [...spans.map(spanRow), ...waits.map(waitRow)].sort(
      (a, b) => a.startSeconds - b.startSeconds || a.endSeconds - b.endSeconds,
    );
    return [machine, ...rows.map(line)].join("\n");
  });
  const path = view.criticalPath
    .filter(({ span, seconds: took }) => span !== null || took >= SHOWN_GAP_SECONDS)
    .map(({ span, seconds: took }) => {
      const what = span === null ? "between steps" : `${span.title} (${span.machine})`;
      return `${seconds(took).padStart(9)}  ${what}`;
    });
  return [
    `stack ${view.stack}, run ${view.run}, started ${view.startedAt}: ${seconds(view.seconds)}`,
    axis,
    ...blocks,
    ...(path.length === 0 ? [] : ["", "what took the time, one after the other:", ...path]),
    "",
  ].join("\n");
}
