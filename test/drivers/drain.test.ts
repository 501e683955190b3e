import { drain, drainSeconds } from "../../drivers/drain";
import { CommandError, ConnectionLost } from "../../drivers/errors";
import type { CommandRunner } from "../../drivers/runner";
import type { StepEnvironment } from "../../drivers/step-executor";
import { within } from "../../plan/deadlines";
import type { Step } from "../../plan/step";

test("how long a drain takes is said in whole seconds, or not at all", () => {
  expect([{}, { REPLIKUBE_DRAIN_SECONDS: "" }, { REPLIKUBE_DRAIN_SECONDS: "30" }].map(drainSeconds)).toEqual([
    undefined,
    undefined,
    30,
  ]);
  expect(() => drainSeconds({ REPLIKUBE_DRAIN_SECONDS: "soon" })).toThrow(/REPLIKUBE_DRAIN_SECONDS is "soon"\nnext: /);
});

const node = { nodeName: "cp", domainName: "d", address: "10.0.0.1", hostKey: "", consoleLog: "", instance: "" };
const step: Step = {
  id: "drain",
  title: "drain w",
  machine: "cp",
  files: [],
  command: ["true"],
  ...within("drain", { deadlinesFactor: 1 }),
};

function environmentIn(run: CommandRunner["run"]): StepEnvironment {
  return {
    machineOf: () => ({ node, runner: { machine: "cp", run } }),
    timeline: { file: "", record: () => undefined },
    evidence: () => Promise.resolve("somewhere"),
    redact: (text) => text,
  };
}

const RUNS = {
  late: () => Promise.resolve({ exitCode: 1, stdout: "", stderr: "pod stuck is still there" }),
  lost: () => Promise.reject(new ConnectionLost("cp", "drain")),
  unwanted: () => Promise.reject(new CommandError({ machine: "cp", step: "", next: "" }, "", 1, "")),
};

describe("a drain that", () => {
  let said: jest.SpyInstance;
  beforeEach(() => {
    said = jest.spyOn(console, "error").mockImplementation(() => undefined);
  });
  afterEach(() => {
    said.mockRestore();
    delete process.env["REPLIKUBE_DRAIN_SECONDS"];
  });

  it("is not done in time ends well, and is told with its reason", async () => {
    await drain(environmentIn(RUNS.late), "w", () => step);
    expect(said).toHaveBeenCalledWith(
      expect.stringMatching(/^w: its pods did not leave in time[^]*pod stuck is still there/),
    );
  });

  it("loses its connection is an error", async () => {
    await expect(drain(environmentIn(RUNS.lost), "w", () => step)).rejects.toThrow(ConnectionLost);
  });

  it("is not wanted is not begun", async () => {
    process.env["REPLIKUBE_DRAIN_SECONDS"] = "0";
    await drain(environmentIn(RUNS.unwanted), "w", () => step);
    expect(said).toHaveBeenCalledWith(expect.stringContaining("w: is not drained"));
  });
});
