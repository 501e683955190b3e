import type { Command } from "commander";
import { runAttached } from "../../drivers/attached-program";
import type { Places } from "../places";
import { pulumiProgram } from "../pulumi-program";

/** Any other command of Pulumi, in the environment that the verbs use. */
export function pulumiVerb(program: Command, places: Places): void {
  program
    .command("pulumi")
    .description("run the Pulumi CLI in ./lab's environment")
    .argument("[arguments...]", "passed as they are")
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (args: readonly string[]) => {
      const pulumi = await pulumiProgram(places);
      process.exitCode = await runAttached([pulumi.program, ...args], { environment: pulumi.environment });
    });
}
