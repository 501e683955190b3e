import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readTimeline, timelineOfRun, timelineText } from "../../cli/timeline-report";

const directory = mkdtempSync(join(tmpdir(), "timeline-report-"));
afterAll(() => rmSync(directory, { recursive: true }));

const event = (run: string, at: string): string =>
  JSON.stringify({
    at,
    stack: "dev",
    machine: "host",
    step: "build-image",
    title: "build",
    event: "finished",
    seconds: 2,
    run,
  });

const file = join(directory, "dev.jsonl");
writeFileSync(file, [event("old", "2026-11-24T09:00:00Z"), event("new", "2026-11-24T10:00:00Z"), '{"at":'].join("\n"));

const request = { file, stack: "dev" };

test("without a run it is the newest one", () => {
  expect(readTimeline(request).run).toBe("new");
  expect(readTimeline({ ...request, run: "old" }).run).toBe("old");
});

test("an unknown run is answered with those that there are", () => {
  expect(() => readTimeline({ ...request, run: "other" })).toThrow(/run other: no such run[^]*old[^]*new/);
});

test("a stack that nothing was done for says so", () => {
  expect(() => readTimeline({ file: join(directory, "two.jsonl"), stack: "two" })).toThrow(
    "stack two has no timeline: nothing has been done for it yet\nnext: ./lab up --stack two",
  );
});

test("damaged lines are told of under the chart", () => {
  expect(timelineText(request, 100)).toMatch(/^stack dev, run new[^]*1 damaged line left out/);
});

test("a run with nothing to do has no timeline, and that is no error", () => {
  expect(timelineOfRun(file, "other")).toBeUndefined();
  expect(timelineOfRun(file, "old")?.seconds).toBe(2);
});
