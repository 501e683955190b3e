import type { Command } from "commander";
import type { Places } from "../places";
import { runStackVerb } from "../pulumi-program";
import { runSetup } from "../setup/run-setup";

/** up, preview, refresh, destroy: Pulumi's own, on a stack made from Pulumi.NAME.yaml. */

const VERBS = {
  up: "set up what is missing, then bring up a stack",
  preview: "show what up would change",
  refresh: "take what is really there into the state",
  destroy: "remove everything of a stack",
} as const;

const report = (line: string): void => void process.stderr.write(`lab: ${line}\n`);

/** Pulumi asks on a terminal; without one it must be told. Preview never asks. */
const confirmation = (verb: string, args: readonly string[]): readonly string[] =>
  verb === "preview" || process.stdin.isTTY || args.some((arg) => ["--yes", "-y", "--preview-only"].includes(arg))
    ? []
    : ["--yes"];

export function stackVerbs(program: Command, places: Places): void {
  for (const [verb, description] of Object.entries(VERBS)) {
    program
      .command(verb)
      .description(description)
      .option("-s, --stack <name>", "the stack", "dev")
      .argument("[pulumi arguments...]", "passed to pulumi, as are unknown options")
      .allowUnknownOption()
      .action(async (args: readonly string[], { stack }: { readonly stack: string }) => {
        await runSetup(places, report);
        process.exitCode = await runStackVerb(places, verb, stack, [...confirmation(verb, args), ...args]);
      });
  }
}
