import type { CommandRunner } from "../../drivers/runner";
import { executeStep, type StepEnvironment } from "../../drivers/step-executor";
import { within } from "../../plan/deadlines";

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
  redact: (text) => text,
};

test("a step that is too slow says how long it had, what was seen, and which deadline to lengthen", async () => {
  const step = { id: "i", title: "initialise", machine: "cp", files: [], command: ["kubeadm", "init"] as const };
  const slow = within("init", { deadlinesFactor: 5, deadlines: { init: 900 } });
  await expect(executeStep(environment, { ...step, ...slow })).rejects.toThrow(
    /initialise did not finish: waited 900 s for kubeadm init; last seen: waiting for the kubelet\nnext: .*run up again: it goes on from here; if it is only slow, give it longer: deadlines\.init\nevidence: \/evidence$/,
  );
});
