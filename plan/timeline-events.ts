/** The timeline file of a stack: one JSON line per event, appended by drivers/timeline.ts, read back here. */
export interface TimelineEvent {
  /** ISO 8601. */
  readonly at: string;
  readonly stack: string;
  /** Node name, or `host`. */
  readonly machine: string;
  /** Step id, see plan/step.ts. */
  readonly step: string;
  readonly title: string;
  readonly event: "started" | "finished" | "skipped" | "failed";
  readonly seconds?: number;
  readonly note?: string;
  /** The command of ./lab (or start of pulumi) that it belongs to. */
  readonly run: string;
}

export interface TimelineLog {
  readonly events: readonly TimelineEvent[];
  /** Lines that are no event: a writer killed in the middle of a line leaves one. */
  readonly damagedLines: number;
}

const EVENTS: readonly unknown[] = ["started", "finished", "skipped", "failed"];

const isEvent = (value: unknown): value is TimelineEvent => {
  if (typeof value !== "object" || value === null) return false;
  const fields: Readonly<Record<string, unknown>> = Object.fromEntries(Object.entries(value));
  return (
    ["at", "stack", "machine", "step", "title", "run"].every((name) => typeof fields[name] === "string") &&
    EVENTS.includes(fields["event"]) &&
    !Number.isNaN(Date.parse(String(fields["at"])))
  );
};

const parseLine = (line: string): TimelineEvent | undefined => {
  try {
    const value: unknown = JSON.parse(line);
    return isEvent(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

export const parseTimeline = (text: string): TimelineLog => {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const events = lines.map(parseLine).filter((event) => event !== undefined);
  return { events, damagedLines: lines.length - events.length };
};

/** Run ids, oldest first by their last event. */
export const runsOf = (events: readonly TimelineEvent[]): readonly string[] => {
  const lastSeen = new Map<string, number>();
  for (const event of events) {
    lastSeen.set(event.run, Math.max(lastSeen.get(event.run) ?? 0, Date.parse(event.at)));
  }
  return [...lastSeen].sort(([, a], [, b]) => a - b).map(([run]) => run);
};
