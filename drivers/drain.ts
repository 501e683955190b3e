import { variable } from "../plan/environment";
import type { DrainWishes } from "../plan/node-steps";
import type { Step } from "../plan/step";
import { CommandError, ReplikubeError } from "./errors";
import { executeStep, type StepEnvironment } from "./step-executor";

/**
 * Empties a node of its pods before it goes or restarts. How long that may take, and whether by force, is said when the command is given:
 * the state of a stack cannot know.
 */

const SECONDS = "REPLIKUBE_DRAIN_SECONDS";
const FORCE = "REPLIKUBE_DRAIN_FORCE";

const refused = (name: string, text: string, next: string): ReplikubeError =>
  new ReplikubeError(`host: ${name} is ${JSON.stringify(text)}\nnext: ${next}`);

function secondsIn(environment: NodeJS.ProcessEnv): number | undefined {
  const text = variable(environment, SECONDS);
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw refused(SECONDS, text, "set it to whole seconds, to 0 for no drain at all, or not at all");
}

function forceIn(environment: NodeJS.ProcessEnv): boolean {
  const text = variable(environment, FORCE) ?? "true";
  if (text === "true" || text === "false") return text === "true";
  throw refused(FORCE, text, "set it to true, to false, or not at all, which is true");
}

export function drainWishes(environment: NodeJS.ProcessEnv = process.env): DrainWishes {
  const seconds = secondsIn(environment);
  return { force: forceIn(environment), ...(seconds !== undefined && { seconds }) };
}

/** By force, what does not leave in time goes with the machine, and it is said. A lost connection is not passed over. */
export async function drain(
  environment: StepEnvironment,
  nodeName: string,
  stepFor: (wishes: DrainWishes) => Step,
): Promise<void> {
  const wishes = drainWishes();
  if (wishes.seconds === 0) return console.error(`${nodeName}: is not drained, as ${SECONDS} says`);
  try {
    await executeStep(environment, stepFor(wishes));
  } catch (error) {
    // What kubectl refused to evict must not be lost a moment later with the machine.
    if (!wishes.force || !(error instanceof CommandError)) throw error;
    console.error(`${nodeName}: its pods did not leave in time and go with it: ${error.message}`);
  }
}
