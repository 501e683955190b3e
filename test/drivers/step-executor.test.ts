import { CommandError, ConnectionLost } from "../../drivers/errors";
import { executeStep, type StepEnvironment } from "../../drivers/step-executor";
import type { CommandResult, CommandRunner } from "../../drivers/runner";
import type { Step } from "../../plan/step";
import { STEP_BEGINS, STEP_EXIT, stepScript } from "../../plan/step-script";

/** What becomes of a step whose connection breaks, on a machine that answers by the test. */

const node = { nodeName: "cp", domainName: "d", address: "10.0.0.1", hostKey: "", consoleLog: "", instance: "" };
const blind: Step = {
  id: "act",
  title: "act",
  machine: "cp",
  files: [],
  command: ["act"],
  deadline: "command",
  deadlineSeconds: 1,
};
const looking: Step = { ...blind, doneWhen: ["test", "-e", "/done"] };

/** `breaks`: the connection does, once the step has begun. */
type Answer = "breaks" | number;

interface Machine {
  readonly environment: StepEnvironment;
  /** Scripts that it was given. */
  readonly given: (string | undefined)[];
  /** What the timeline says of the step, in order. */
  readonly events: string[];
  readonly evidenceOf: unknown[];
}

/** Every further run after the last answer is one too many. */
function machineThat(...answers: readonly Answer[]): Machine {
  const [given, events, evidenceOf]: [(string | undefined)[], string[], unknown[]] = [[], [], []];
  return {
    given,
    events,
    evidenceOf,
    environment: {
      machineOf: () => ({
        node,
        runner: {
          machine: "cp",
          run(_command, options): Promise<CommandResult> {
            const answer = answers[given.length];
            given.push(options?.stdin);
            if (answer !== STEP_EXIT.nothingToDo) options?.onOutput?.(`${STEP_BEGINS}\n`);
            if (answer === undefined) throw new Error("it was not to be asked again");
            if (answer === "breaks") return Promise.reject(new ConnectionLost("cp", "act"));
            return Promise.resolve({ exitCode: answer, stdout: "", stderr: "its last words" });
          },
        },
      }),
      timeline: { file: "", record: ({ event }) => void events.push(event) },
      evidence: (_node, _step, error) => {
        evidenceOf.push(error);
        return Promise.resolve("/evidence");
      },
      deadlines: { deadlinesFactor: 1 },
      redact: (text) => text,
    },
  };
}

it("starts a step that looks before it acts again when the connection breaks, and it is done once", async () => {
  const { environment, given, events, evidenceOf } = machineThat("breaks", STEP_EXIT.nothingToDo);
  expect(await executeStep(environment, looking)).toBe("skipped");
  expect(given).toEqual([stepScript(looking), stepScript(looking)]);
  // What the first attempt began has an end: whoever reads the timeline sees one step.
  expect(events).toEqual(["started", "finished"]);
  expect(evidenceOf).toEqual([]);
});

it("never starts one again that acts without a look", async () => {
  const { environment, given, events, evidenceOf } = machineThat("breaks");
  await expect(executeStep(environment, blind)).rejects.toThrow(/^cp: connection lost during act[^]*\nevidence: /);
  expect(given).toHaveLength(1);
  expect(events).toEqual(["started", "failed"]);
  expect(evidenceOf).toEqual([expect.any(ConnectionLost)]);
});

it("gives up on a connection that breaks each time, with evidence of the last one alone", async () => {
  const often = machineThat("breaks", "breaks", "breaks", 0);
  expect(await executeStep(often.environment, looking)).toBe("done");
  const always = machineThat("breaks", "breaks", "breaks", "breaks");
  await expect(executeStep(always.environment, looking)).rejects.toThrow(ConnectionLost);
  expect(always.evidenceOf).toHaveLength(1);
});

it("starts nothing again that has told how it failed", async () => {
  const { environment, given } = machineThat(7);
  await expect(executeStep(environment, looking)).rejects.toThrow(CommandError);
  expect(given).toHaveLength(1);
});

it("ends a step that cannot succeed any more, with why and with evidence, and does not try it again", async () => {
  const { environment, given, events, evidenceOf } = machineThat();
  const why = new Error("worker: domain d is shut off (destroyed)");
  const hopeless = new AbortController();
  const run: CommandRunner["run"] = (_command, options) => {
    given.push(options?.stdin);
    options?.onOutput?.(`${STEP_BEGINS}\n`);
    return new Promise((_, reject) => options?.signal?.addEventListener("abort", () => reject(options.signal?.reason)));
  };
  const machineOf = () => ({ node, runner: { machine: "cp", run } });
  const step = executeStep({ ...environment, machineOf, hopeless: hopeless.signal }, looking);
  hopeless.abort(why);
  await expect(step).rejects.toThrow("worker: domain d is shut off (destroyed)\nevidence: /evidence");
  expect(given).toHaveLength(1);
  expect(events).toEqual(["started", "failed"]);
  expect(evidenceOf).toEqual([why]);
});
