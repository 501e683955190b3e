import type { TimelineEvent } from "./timeline-events";
import { phaseOf, type Phase } from "./timeline-phase";

/** Who waited for what: the events of one run, turned into spans, the waits between them, and the path that took the time. */

export interface Span {
  readonly machine: string;
  readonly step: string;
  readonly title: string;
  readonly phase: Phase;
  /** Seconds since the run's first event. */
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** `unfinished`: neither finished nor failed when the file was read; its end is the last event of the run. */
  readonly outcome: "finished" | "skipped" | "failed" | "unfinished";
  readonly note?: string;
}

export interface Wait {
  readonly machine: string;
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** The step elsewhere whose end let this machine go on; null when nothing in the timeline explains the wait. */
  readonly for: {
    readonly machine: string;
    readonly step: string;
    readonly title: string;
    readonly phase: Phase;
  } | null;
}

export interface MachineTimeline {
  readonly machine: string;
  readonly spans: readonly Span[];
  readonly waits: readonly Wait[];
}

/** A piece of the critical path; null stands for time between two steps. */
export interface PathPart {
  readonly span: Pick<Span, "machine" | "step" | "title" | "phase"> | null;
  readonly seconds: number;
}

export interface TimelineView {
  readonly stack: string;
  readonly run: string;
  readonly startedAt: string;
  readonly seconds: number;
  readonly machines: readonly MachineTimeline[];
  /** From the first step to the last; the seconds add up to the whole. */
  readonly criticalPath: readonly PathPart[];
}

/** Shorter gaps are the cost of going from one step to the next, and clocks read one after the other. */
const GAP_SECONDS = 0.1;

const millis = (seconds: number): number => Math.round(seconds * 1000) / 1000;

const startOf = (event: TimelineEvent): number =>
  Date.parse(event.at) / 1000 - (event.event === "finished" || event.event === "failed" ? (event.seconds ?? 0) : 0);

/** A step may run twice in one run (a retry): every `started` opens a span, an end closes the one that is open. */
function spansOf(events: readonly TimelineEvent[], origin: number, end: number): readonly Span[] {
  const open = new Map<string, TimelineEvent>();
  const spans: Span[] = [];
  const close = (event: TimelineEvent, start: number, endSeconds: number, outcome: Span["outcome"]): void => {
    spans.push({
      machine: event.machine,
      step: event.step,
      title: event.title,
      phase: phaseOf(event.step),
      startSeconds: millis(start - origin),
      endSeconds: millis(endSeconds - origin),
      outcome,
      ...(event.note === undefined ? {} : { note: event.note }),
    });
  };
  for (const event of events) {
    const key = `${event.machine}\n${event.step}`;
    const started = open.get(key);
    if (event.event === "started") {
      if (started !== undefined) close(started, startOf(started), startOf(event), "unfinished");
      open.set(key, event);
    } else {
      open.delete(key);
      const at = Date.parse(event.at) / 1000;
      const start = event.event === "skipped" ? at : Math.min(startOf(started ?? event), at);
      close(event, start, at, event.event);
    }
  }
  for (const started of open.values()) close(started, startOf(started), end, "unfinished");
  return spans.sort((a, b) => a.startSeconds - b.startSeconds || a.endSeconds - b.endSeconds);
}

function waitsOf(machine: string, spans: readonly Span[]): readonly Wait[] {
  const waits: Wait[] = [];
  let busyUntil = 0;
  for (const span of spans.filter((each) => each.machine === machine && each.outcome !== "skipped")) {
    if (span.startSeconds - busyUntil > GAP_SECONDS) {
      const cause = spans
        .filter((each) => each.machine !== machine && each.outcome === "finished" && each.endSeconds > busyUntil)
        .filter((each) => each.endSeconds <= span.startSeconds + GAP_SECONDS)
        .reduce<Span | undefined>(
          (last, each) => (last && last.endSeconds >= each.endSeconds ? last : each),
          undefined,
        );
      waits.push({
        machine,
        startSeconds: busyUntil,
        endSeconds: span.startSeconds,
        for: cause ? { machine: cause.machine, step: cause.step, title: cause.title, phase: cause.phase } : null,
      });
    }
    busyUntil = Math.max(busyUntil, span.endSeconds);
  }
  return waits;
}

const length = (span: Span): number => span.endSeconds - span.startSeconds;

/**
 * Backwards from the last end: whatever ended last before a step began is what that step waited for. Ends are written by
 * other processes than starts, so a step may seem to begin a moment before its cause ended: it is cut off there.
 */
function criticalPathOf(spans: readonly Span[]): readonly PathPart[] {
  const worked = spans.filter((span) => span.outcome !== "skipped");
  const later = (a: Span | undefined, b: Span): Span =>
    a === undefined || b.endSeconds > a.endSeconds || (b.endSeconds === a.endSeconds && length(b) > length(a)) ? b : a;
  const path: PathPart[] = [];
  let current = worked.reduce<Span | undefined>(later, undefined);
  let until = current?.endSeconds ?? 0;
  while (current !== undefined) {
    const { machine, step, title, phase, startSeconds } = current;
    path.unshift({ span: { machine, step, title, phase }, seconds: millis(until - startSeconds) });
    const before: Span | undefined = worked
      .filter((span) => span.endSeconds <= startSeconds + GAP_SECONDS && span.startSeconds < startSeconds)
      .reduce<Span | undefined>(later, undefined);
    until = Math.min(before?.endSeconds ?? 0, startSeconds);
    const gap = millis(startSeconds - until);
    if (gap > 0) path.unshift({ span: null, seconds: gap });
    current = before;
  }
  return path;
}

/** The machines in the order of their first step. */
export function timelineView(events: readonly TimelineEvent[], run: string): TimelineView {
  const ofRun = events.filter((event) => event.run === run).sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const origin = Math.min(...ofRun.map(startOf));
  const end = Math.max(...ofRun.map((event) => Date.parse(event.at) / 1000));
  const spans = spansOf(ofRun, origin, end);
  const machines = [...new Set(spans.map((span) => span.machine))];
  return {
    stack: ofRun[0]?.stack ?? "",
    run,
    startedAt: Number.isFinite(origin) ? new Date(origin * 1000).toISOString() : "",
    seconds: Number.isFinite(origin) ? millis(end - origin) : 0,
    machines: machines.map((machine) => ({
      machine,
      spans: spans.filter((span) => span.machine === machine),
      waits: waitsOf(machine, spans),
    })),
    criticalPath: criticalPathOf(spans),
  };
}

/** Seconds of the critical path by phase, in the order of the way; time between steps comes last. */
export function timeByPhase(
  view: TimelineView,
): readonly { readonly phase: Phase | "between"; readonly seconds: number }[] {
  const seconds = new Map<Phase | "between", number>();
  for (const part of view.criticalPath) {
    const phase = part.span?.phase ?? "between";
    seconds.set(phase, (seconds.get(phase) ?? 0) + part.seconds);
  }
  const between = seconds.get("between");
  seconds.delete("between");
  return [...seconds, ...(between === undefined ? [] : [["between", between] as const])].map(([phase, total]) => ({
    phase,
    seconds: millis(total),
  }));
}
