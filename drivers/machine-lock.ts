import { longestStepSeconds, type Deadlines } from "../plan/deadlines";
import type { Step } from "../plan/step";
import { STEP_BEGINS, STEP_WAITS } from "../plan/step-script";
import { StepTimeout } from "./errors";

/** How long a step waits for its turn on a machine, and what is said of one that never has it. The lock itself is in the step's script. */

/** A step is ended at its deadline, and then cleaned up after and proven. */
const AFTER_DEADLINE_SECONDS = 30;

/**
 * Of a step with its turn: any other that a killed run left behind may have the machine, `kubeadm init` above all. What acts through the API
 * waits for a twin only.
 */
export function secondsWithLock({ deadlineSeconds, ofApi }: Step, deadlines: Deadlines): number {
  const others = ofApi === true ? deadlineSeconds : Math.max(deadlineSeconds, longestStepSeconds(deadlines));
  return others + deadlineSeconds + AFTER_DEADLINE_SECONDS;
}

/** `heard`: what the script has said. */
export const isWaiting = (heard: string): boolean => heard.includes(STEP_WAITS) && !heard.includes(STEP_BEGINS);

/** `seconds` are more than any step may take: what has the lock does not end by itself. */
export const machineHeld = ({ machine, title }: Step, seconds: number): StepTimeout =>
  new StepTimeout(
    {
      machine,
      step: title,
      next: "the evidence has what that step has printed (steps.log) and what runs (machine.txt); once it has ended, run up again: it goes on from here",
    },
    "a step of an earlier run that is still at work on this machine",
    seconds,
    "this one has not begun",
  );
