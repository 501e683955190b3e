import fc from "fast-check";
import { timelineChart } from "../../plan/timeline-chart";
import { parseTimeline, runsOf, type TimelineEvent } from "../../plan/timeline-events";
import { timeByPhase, timelineView } from "../../plan/timeline-view";
import "../golden-matcher";

const ORIGIN = Date.parse("2026-11-24T09:00:00.000Z");

const at = (
  seconds: number,
  machine: string,
  step: string,
  event: TimelineEvent["event"],
  rest: Partial<TimelineEvent> = {},
): TimelineEvent => ({
  at: new Date(ORIGIN + seconds * 1000).toISOString(),
  stack: "dev",
  machine,
  step,
  title: step.replaceAll("-", " "),
  event,
  run: "run-1",
  ...rest,
});

const step = (from: number, to: number, machine: string, name: string): readonly TimelineEvent[] => [
  at(from, machine, name, "started"),
  at(to, machine, name, "finished", { seconds: to - from }),
];

const CONTROL_PLANE = "dev-control-plane-0";
const WORKER = "dev-worker-0";

/** The run of knowledge/proven.md, made even. */
const wholeRun = [
  ...step(0, 12, "host", "build-image"),
  ...step(12.5, 48, CONTROL_PLANE, "boot"),
  ...step(48, 49, CONTROL_PLANE, "read-host-key"),
  ...step(49, 50, CONTROL_PLANE, "connect-ssh"),
  ...step(50, 155, CONTROL_PLANE, "kubeadm-init"),
  ...step(155, 158, CONTROL_PLANE, "apply-cni"),
  ...step(12.5, 60, WORKER, "boot"),
  ...step(60, 61, WORKER, "connect-ssh"),
  ...step(158, 200, WORKER, "kubeadm-join"),
  ...step(200.02, 222, CONTROL_PLANE, "wait-nodes-ready"),
];

test("a whole run as a chart", () => {
  expect(timelineChart(timelineView(wholeRun, "run-1"), { columns: 120 })).toBeGolden("timeline/whole-run.txt");
});

test("a whole run as JSON", () => {
  const json = `${JSON.stringify(timelineView(wholeRun, "run-1"), null, 2)}\n`;
  expect(json).toBeGolden("timeline/whole-run.json");
});

test("a resumed run with a skip, a failure that was tried again and a step cut off by a kill", () => {
  const events = [
    at(0, CONTROL_PLANE, "kubeadm-init", "skipped", { note: "already done" }),
    at(1, WORKER, "kubeadm-join", "started"),
    at(31, WORKER, "kubeadm-join", "failed", { seconds: 30, note: "exited with code 1" }),
    at(33, WORKER, "kubeadm-join", "started"),
    at(60, CONTROL_PLANE, "apply-cni", "started"),
    at(61, CONTROL_PLANE, "apply-cni", "finished", { seconds: 1 }),
  ];
  expect(timelineChart(timelineView(events, "run-1"), { columns: 100 })).toBeGolden("timeline/resumed-run.txt");
});

test("the worker waited for the end of the control plane's part, and the wait says so", () => {
  const worker = timelineView(wholeRun, "run-1").machines.find(({ machine }) => machine === WORKER);
  expect(worker?.waits).toEqual([
    { machine: WORKER, startSeconds: 0, endSeconds: 12.5, for: expect.objectContaining({ step: "build-image" }) },
    {
      machine: WORKER,
      startSeconds: 61,
      endSeconds: 158,
      for: { machine: CONTROL_PLANE, step: "apply-cni", title: "apply cni", phase: "cni" },
    },
  ]);
});

test("the parts by phase name the way in order", () => {
  expect(timeByPhase(timelineView(wholeRun, "run-1"))).toEqual([
    { phase: "image", seconds: 12 },
    { phase: "boot", seconds: 35.5 },
    { phase: "agent", seconds: 1 },
    { phase: "ssh", seconds: 1 },
    { phase: "init", seconds: 105 },
    { phase: "cni", seconds: 3 },
    { phase: "join", seconds: 42 },
    { phase: "ready", seconds: 21.98 },
    { phase: "between", seconds: 0.52 },
  ]);
});

test("two images that are built side by side are two steps of the image's part", () => {
  const view = timelineView(
    [
      at(0, "host", "image-build", "started"),
      at(1, "host", "image-build-worker", "started"),
      at(9, "host", "image-build", "finished", { seconds: 9 }),
      at(30, "host", "image-build-worker", "finished", { seconds: 29 }),
      ...step(30, 40, WORKER, "boot"),
    ],
    "run-1",
  );
  expect(view.machines[0]?.spans.map(({ step: name, outcome }) => [name, outcome])).toEqual([
    ["image-build", "finished"],
    ["image-build-worker", "finished"],
  ]);
  expect(timeByPhase(view)).toEqual([
    { phase: "image", seconds: 29 },
    { phase: "boot", seconds: 10 },
    { phase: "between", seconds: 1 },
  ]);
});

test("the critical path always adds up to the whole, whatever overlaps", () => {
  const span = fc.record({
    from: fc.integer({ min: 0, max: 3000 }),
    took: fc.integer({ min: 0, max: 900 }),
    machine: fc.constantFrom("a", "b", "c"),
    step: fc.constantFrom("boot", "kubeadm-init", "kubeadm-join", "ready"),
  });
  fc.assert(
    fc.property(fc.array(span, { minLength: 1, maxLength: 12 }), (spans) => {
      const events = spans.map(({ from, took, machine, step: name }) =>
        at((from + took) / 10, machine, name, "finished", { seconds: took / 10 }),
      );
      const view = timelineView(events, "run-1");
      const total = view.criticalPath.reduce((sum, part) => sum + part.seconds, 0);
      expect(total).toBeCloseTo(view.seconds, 2);
      expect(view.criticalPath.every((part) => part.seconds >= 0)).toBe(true);
    }),
  );
});

test("a finish without its start is placed by its seconds", () => {
  const view = timelineView([at(10, WORKER, "boot", "finished", { seconds: 4 })], "run-1");
  expect(view.machines[0]?.spans).toEqual([
    expect.objectContaining({ startSeconds: 0, endSeconds: 4, outcome: "finished" }),
  ]);
});

test("a line that a killed writer left half is counted, not fatal", () => {
  const text = `${JSON.stringify(wholeRun[0])}\n{"at":"2026-11-24T09:0\n{"at":"never","stack":"s"}\n`;
  expect(parseTimeline(text)).toEqual({ events: [wholeRun[0]], damagedLines: 2 });
});

test("runs come oldest first by their last event", () => {
  expect(
    runsOf([at(5, WORKER, "boot", "started", { run: "b" }), at(1, WORKER, "boot", "started", { run: "a" })]),
  ).toEqual(["a", "b"]);
});
