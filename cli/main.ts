import { Command } from "commander";
import { checkoutRoot } from "../drivers/checkout-root";
import { ReplikubeError } from "../drivers/errors";
import { placesOf } from "./places";
import { pulumiVerb } from "./verbs/pulumi";
import { setupVerb } from "./verbs/setup";
import { stackVerbs } from "./verbs/stack-verbs";
import { testVerb } from "./verbs/test";

/** The verbs of ./lab: each is a file in verbs/ and a line here. */
const VERBS = [stackVerbs, pulumiVerb, setupVerb, testVerb] as const;

async function main(): Promise<void> {
  const program = new Command("lab").description("Kubernetes experiments that start from the same machine every time");
  program.enablePositionalOptions();
  const places = placesOf(checkoutRoot());
  for (const verb of VERBS) verb(program, places);
  await program.parseAsync();
}

main().catch((error: unknown) => {
  const text = error instanceof ReplikubeError ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
});
