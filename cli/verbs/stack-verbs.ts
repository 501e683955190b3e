import type { Command } from "commander";
import { confirmation, VERBS, type Verb } from "../confirmation";
import { keepEvidenceOfUp } from "../failed-up";
import type { Places } from "../places";
import { runStackVerb } from "../pulumi-verb";
import { stackOption, type StackOption } from "../running-stack";
import { runSetup } from "../setup/run-setup";
import { stackParts, type StackNeeds } from "../setup/stack-parts";
import { destroyStack } from "../stack-destroy";
import { beginExpiry, renewExpiry } from "../stack-expiry";
import { workOnStack } from "../stack-work";
import { sayWhatIsUp } from "../up-report";

/** up, preview, refresh, destroy: Pulumi's own, on a stack made from Pulumi.NAME.yaml. */

const DESCRIPTIONS: Readonly<Record<Verb, string>> = {
  up: "set up what is missing, then bring up a stack",
  preview: "show what up would change",
  refresh: "take what is really there into the state",
  destroy: "remove everything of a stack, and prove that nothing is left",
};

const report = (line: string): void => void process.stderr.write(`lab: ${line}\n`);

/** A part of a stack, or only a look at it: then the rest is still there, and rightly so. */
const isPartial = (args: readonly string[]): boolean =>
  args.some((arg) => /^(--target|--exclude|-t$|--preview-only|--help|-h$)/.test(arg));

const refreshes = (args: readonly string[]): boolean => args.some((arg) => /^(-r|--refresh)(=true)?$/.test(arg));

/** A refresh starts the embedded host to read from it; a libvirt that its user has named may be dead: the refresh says so. */
function needsOf(verb: Verb, stack: string, args: readonly string[]): StackNeeds {
  const reads = verb === "refresh" || (verb === "preview" && refreshes(args));
  return { stack, reads, plansOnly: verb === "preview" && !reads };
}

async function act(places: Places, verb: Verb, stack: string, args: readonly string[]): Promise<number> {
  const whole = { stack, args: [...confirmation(verb, args, process.stdin.isTTY), ...args] };
  if (verb === "destroy" && !isPartial(args)) return destroyStack(places, whole, report);
  const begunMs = Date.now();
  const isWholeUp = verb === "up" && !isPartial(args);
  if (isWholeUp) beginExpiry(places, stack);
  const exitCode = await runStackVerb(places, verb, whole);
  if (exitCode !== 0 && verb === "up") await keepEvidenceOfUp(places, stack, begunMs, report);
  if (exitCode === 0 && isWholeUp) {
    renewExpiry(places, stack, report);
    await sayWhatIsUp(places, stack);
  }
  return exitCode;
}

/** A preview changes nothing, so any number of them may look at once. */
export const runVerb = (places: Places, verb: Verb, stack: string, args: readonly string[]): Promise<number> =>
  verb === "preview"
    ? act(places, verb, stack, args)
    : workOnStack(places, { stack, verb }, () => act(places, verb, stack, args));

export function stackVerbs(program: Command, places: Places): void {
  for (const verb of VERBS) {
    stackOption(program.command(verb))
      .description(DESCRIPTIONS[verb])
      .argument("[pulumi arguments...]", "passed to pulumi, as are unknown options")
      .allowUnknownOption()
      .action(async (args: readonly string[], { stack }: StackOption) => {
        await runSetup(places, report, stackParts(places, needsOf(verb, stack, args)));
        process.exitCode = await runVerb(places, verb, stack, args);
      });
  }
}
