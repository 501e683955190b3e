import { drain, drainWishes } from "../../drivers/drain";
import { CommandError, ConnectionLost } from "../../drivers/errors";
import type { CommandRunner } from "../../drivers/runner";
import type { StepEnvironment } from "../../drivers/step-executor";
import { within } from "../../plan/deadlines";
import type { DrainWishes } from "../../plan/node-steps";
import type { Step } from "../../plan/step";

test.each<readonly [NodeJS.ProcessEnv, DrainWishes]>([
  [{}, { force: true }],
  [{ REPLIKUBE_DRAIN_SECONDS: "", REPLIKUBE_DRAIN_FORCE: "" }, { force: true }],
  [
    { REPLIKUBE_DRAIN_SECONDS: "30", REPLIKUBE_DRAIN_FORCE: "true" },
    { force: true, seconds: 30 },
  ],
  [{ REPLIKUBE_DRAIN_FORCE: "false" }, { force: false }],
])("%j is a drain with %j", (environment, wishes) => {
  expect(drainWishes(environment)).toEqual(wishes);
});

test.each([
  ["REPLIKUBE_DRAIN_SECONDS", "soon"],
  ["REPLIKUBE_DRAIN_FORCE", "no"],
])("%s is refused when it is %j", (name, text) => {
  expect(() => drainWishes({ [name]: text })).toThrow(`${name} is "${text}"\nnext: `);
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
    deadlines: { deadlinesFactor: 1 },
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
    delete process.env["REPLIKUBE_DRAIN_FORCE"];
  });

  it("is not done in time ends well, and is told with its reason", async () => {
    await drain(environmentIn(RUNS.late), "w", () => step);
    expect(said).toHaveBeenCalledWith(
      expect.stringMatching(/^w: its pods did not leave in time[^]*pod stuck is still there/),
    );
  });

  it("is refused without force is an error in kubectl's words", async () => {
    process.env["REPLIKUBE_DRAIN_FORCE"] = "false";
    await expect(drain(environmentIn(RUNS.late), "w", () => step)).rejects.toThrow("pod stuck is still there");
    expect(said).not.toHaveBeenCalled();
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
