import type { NodeAccess } from "../plan/bootstrap-resources";
import { lengthen, type Deadlines } from "../plan/deadlines";
import { shellLine } from "../plan/shell";
import type { Step } from "../plan/step";
import { STEP_BEGINS, STEP_EXIT, STEP_WAITS, stepScript } from "../plan/step-script";
import { CommandError, ConnectionLost, lastLines, StepTimeout, type FailureContext } from "./errors";
import { withEvidence } from "./evidence";
import { isWaiting, machineHeld, secondsWithLock } from "./machine-lock";
import type { CommandRunner } from "./runner";
import type { Timeline } from "./timeline";

/** Executes planned steps on machines, one after the other: skips what is done, records what happens, saves evidence of what fails. */

export interface StepEnvironment {
  /** By node name. */
  readonly machineOf: (nodeName: string) => { readonly node: NodeAccess; readonly runner: CommandRunner };
  readonly timeline: Timeline;
  /** Saves evidence before anything else happens to the machine; returns where. */
  readonly evidence: (node: NodeAccess, step: string, error: unknown) => Promise<string>;
  /** Of the stack. */
  readonly deadlines: Deadlines;
  /** Takes the run's secrets out of a program's output. */
  readonly redact: (text: string) => string;
  /** Aborted when nobody wants the steps any more. */
  readonly signal?: AbortSignal;
  /** Aborted with why the steps cannot succeed any more: that is a failure. */
  readonly hopeless?: AbortSignal;
}

/** A step that looks before it acts may be started again after the line broke; one that does not may not. */
const ATTEMPTS_AFTER_LOSS = 3;

export type StepOutcome = "done" | "skipped";

export async function executeStep(environment: StepEnvironment, step: Step): Promise<StepOutcome> {
  const { timeline, evidence, machineOf } = environment;
  const { machine, id, title } = step;
  const event = { machine, step: id, title };
  let begun: number | undefined;
  const onOutput = (text: string): void => {
    if (begun !== undefined || !text.includes(STEP_BEGINS)) return;
    begun = performance.now();
    timeline.record({ ...event, event: "started" });
  };
  const seconds = (): number => Math.round((performance.now() - (begun ?? performance.now())) / 100) / 10;
  try {
    const outcome = await attempt(environment, step, onOutput);
    if (outcome === "skipped" && begun === undefined) timeline.record({ ...event, event: "skipped" });
    else timeline.record({ ...event, event: "finished", seconds: seconds() });
    return outcome;
  } catch (error) {
    if (environment.signal?.aborted === true) {
      timeline.record({ ...event, event: "failed", seconds: seconds(), note: "given up" });
      throw error;
    }
    const { node } = machineOf(machine);
    const where = await evidence(node, id, error);
    timeline.record({ ...event, event: "failed", seconds: seconds(), note: `evidence: ${where}` });
    throw withEvidence(error, where);
  }
}

export async function executeSteps(environment: StepEnvironment, steps: readonly Step[]): Promise<void> {
  for (const step of steps) await executeStep(environment, step);
}

async function attempt(
  environment: StepEnvironment,
  step: Step,
  onOutput: (text: string) => void,
  attemptsLeft: number = step.doneWhen === undefined ? 0 : ATTEMPTS_AFTER_LOSS,
): Promise<StepOutcome> {
  const { runner } = environment.machineOf(step.machine);
  try {
    return await runOnce(environment, runner, step, onOutput);
  } catch (error) {
    if (!(error instanceof ConnectionLost) || attemptsLeft === 0) throw error;
    return attempt(environment, step, onOutput, attemptsLeft - 1);
  }
}

async function runOnce(
  { redact, hopeless, deadlines }: StepEnvironment,
  runner: CommandRunner,
  step: Step,
  onOutput: (text: string) => void,
): Promise<StepOutcome> {
  let heard = "";
  const seconds = secondsWithLock(step, deadlines);
  const { exitCode, stdout, stderr } = await runner
    .run(["sh"], {
      stdin: stepScript(step),
      deadlineSeconds: seconds,
      onOutput: (text) => {
        heard += text;
        onOutput(text);
      },
      ...(hopeless !== undefined && { signal: hopeless }),
    })
    .catch((error: unknown) => {
      throw error instanceof StepTimeout && isWaiting(heard) ? machineHeld(step, seconds) : error;
    });
  const output = redact(`${stdout}${stderr}`.replaceAll(`${STEP_BEGINS}\n`, "").replaceAll(`${STEP_WAITS}\n`, ""));
  const context = failureContext(step);
  switch (exitCode) {
    case 0:
      return "done";
    case STEP_EXIT.nothingToDo:
      return "skipped";
    case STEP_EXIT.notProven:
      throw new CommandError(
        { ...context, step: `${step.title} (it ended well, but its effect is not there)` },
        shellLine(step.doneWhen ?? step.command),
        exitCode,
        output,
      );
    // Of the `timeout` around the program.
    case 124:
    case 137:
      throw new StepTimeout(
        { ...context, next: `${context.next}; ${lengthen(step.deadline)}` },
        redact(shellLine(step.command)),
        step.deadlineSeconds,
        lastLines(output),
      );
    default:
      throw new CommandError(context, redact(shellLine(step.command)), exitCode, output);
  }
}

const failureContext = ({ machine, title }: Step): FailureContext => ({
  machine,
  step: title,
  next: "look at the evidence, then run up again: it goes on from here",
});
