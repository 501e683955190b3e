import type { Command } from "commander";
import type { Places } from "../places";
import { runSetup } from "../setup/run-setup";
import { checkoutParts } from "../setup/stack-parts";

/** Takes everything that is missing. */
export function setupVerb(program: Command, places: Places): void {
  program
    .command("setup")
    .description("take everything that is missing, and say what was taken and why")
    .action(() => runSetup(places, (line) => process.stdout.write(`${line}\n`), checkoutParts()));
}
