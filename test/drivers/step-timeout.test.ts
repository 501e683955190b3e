import { StepTimeout } from "../../drivers/errors";
import type { CommandRunner } from "../../drivers/runner";
import { executeStep, type StepEnvironment } from "../../drivers/step-executor";
import { within } from "../../plan/deadlines";
import type { Step } from "../../plan/step";
import { STEP_BEGINS, STEP_WAITS } from "../../plan/step-script";

/** A step that the machine's own `timeout` ended; over a runner that says so. */

const node = { nodeName: "cp", domainName: "d", address: "10.0.0.1", hostKey: "", consoleLog: "", instance: "" };
const runner: CommandRunner = {
  machine: "cp",
  run: () => Promise.resolve({ exitCode: 124, stdout: "", stderr: "waiting for the kubelet\n" }),
};
const environment: StepEnvironment = {
  machineOf: () => ({ node, runner }),
  timeline: { file: "", record: () => undefined },
  evidence: () => Promise.resolve("/evidence"),
  deadlines: { deadlinesFactor: 1, deadlines: { init: 1800 } },
  redact: (text) => text,
};

test("a step that is too slow says how long it had, what was seen, and which deadline to lengthen", async () => {
  const step = { id: "i", title: "initialise", machine: "cp", files: [], command: ["kubeadm", "init"] as const };
  const slow = within("init", { deadlinesFactor: 5, deadlines: { init: 900 } });
  await expect(executeStep(environment, { ...step, ...slow })).rejects.toThrow(
    /initialise did not finish: waited 900 s for kubeadm init; last seen: waiting for the kubelet\nnext: .*run up again: it goes on from here; if it is only slow, give it longer: deadlines\.init\nevidence: \/evidence$/,
  );
});

describe("the lock of a machine", () => {
  const proof = { title: "look at DNS", machine: "cp", files: [], command: ["true"] as const };
  const short = { ...proof, id: "dns", ...within("dns", { deadlinesFactor: 1 }) };

  async function triedWith(heard: string, step: Step = short): Promise<{ seconds: number; error: unknown }> {
    let seconds = 0;
    const late: CommandRunner = {
      machine: "cp",
      run: (_command, options = {}) => {
        seconds = options.deadlineSeconds ?? 0;
        options.onOutput?.(heard, "stderr");
        const context = { machine: "cp", step: "sh", next: "raise the deadlines factor" };
        return Promise.reject(new StepTimeout(context, "sh", seconds, heard));
      },
    };
    const machineOf = () => ({ node, runner: late });
    const error = await executeStep({ ...environment, machineOf }, step).catch((thrown: unknown) => thrown);
    return { seconds, error };
  }

  test("is waited for as long as the longest step of this stack may have it", async () => {
    expect((await triedWith("")).seconds).toBeGreaterThan(1800 + 10 + 180);
    // Only the same step of the same node has that one.
    expect((await triedWith("", { ...short, ofApi: true })).seconds).toBe(180 + 180 + 30);
  });

  test("that is never free is told as that", async () => {
    expect((await triedWith(`${STEP_WAITS}\n`)).error).toMatchObject({
      message: expect.stringMatching(
        /^cp: look at DNS did not finish: waited 2010 s for a step of an earlier run that is still at work on this machine;.*\nnext: the evidence has/,
      ),
    });
    const begun = await triedWith(`${STEP_WAITS}\n${STEP_BEGINS}\n`);
    expect(begun.error).toMatchObject({ message: expect.stringContaining("raise the deadlines factor") });
  });
});
