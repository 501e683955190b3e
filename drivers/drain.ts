import type { Step } from "../plan/step";
import { CommandError, ReplikubeError } from "./errors";
import { executeStep, type StepEnvironment } from "./step-executor";

/** Empties a node of its pods before it goes or restarts. How long that may take is said when the command is given: the state of a stack cannot know. */

const VARIABLE = "REPLIKUBE_DRAIN_SECONDS";

/** Undefined: the step's own deadline. */
export function drainSeconds(environment: NodeJS.ProcessEnv = process.env): number | undefined {
  const text = environment[VARIABLE] ?? "";
  if (text === "") return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw new ReplikubeError(
    `host: ${VARIABLE} is ${JSON.stringify(text)}\nnext: set it to whole seconds, to 0 for no drain at all, or not at all`,
  );
}

/** What does not leave in time goes with the machine, and it is said. A lost connection is not passed over. */
export async function drain(
  environment: StepEnvironment,
  nodeName: string,
  stepFor: (seconds?: number) => Step,
): Promise<void> {
  const seconds = drainSeconds();
  if (seconds === 0) return console.error(`${nodeName}: is not drained, as ${VARIABLE} says`);
  try {
    await executeStep(environment, stepFor(seconds));
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    console.error(`${nodeName}: its pods did not leave in time and go with it: ${error.message}`);
  }
}
