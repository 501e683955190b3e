import { Command } from "commander";
import { checkoutRoot } from "../drivers/checkout-root";
import { ReplikubeError } from "../drivers/errors";
import { placesOf } from "./places";
import { collectVerb } from "./verbs/collect";
import { consoleVerb } from "./verbs/console";
import { doctorVerb } from "./verbs/doctor";
import { hostVerb } from "./verbs/host";
import { kubeconfigVerb } from "./verbs/kubeconfig";
import { kubectlVerb } from "./verbs/kubectl";
import { loadVerb } from "./verbs/load";
import { lockImageVerb } from "./verbs/lock-image";
import { pulumiVerb } from "./verbs/pulumi";
import { setupVerb } from "./verbs/setup";
import { sshVerb } from "./verbs/ssh";
import { stackVerbs } from "./verbs/stack-verbs";
import { testVerb } from "./verbs/test";
import { timelineVerb } from "./verbs/timeline";

/** The verbs of ./lab, in the order in which a person meets them: each is a file in verbs/ and a line here. */
const VERBS = [
  stackVerbs,
  kubectlVerb,
  kubeconfigVerb,
  sshVerb,
  consoleVerb,
  loadVerb,
  timelineVerb,
  collectVerb,
  doctorVerb,
  setupVerb,
  hostVerb,
  pulumiVerb,
  lockImageVerb,
  testVerb,
] as const;

const EXAMPLES = `
Examples:
  ./lab up                          one control plane and one worker, from nothing
  ./lab kubectl -- get nodes        what kubectl says of them
  ./lab preview --stack two --diff  what up would change on another stack
  ./lab destroy                     nothing of it is left`;

async function main(): Promise<void> {
  const program = new Command("lab").description("Kubernetes experiments that start from the same machine every time");
  program.enablePositionalOptions();
  const places = placesOf(checkoutRoot());
  for (const verb of VERBS) verb(program, places);
  program.addHelpText("after", EXAMPLES);
  await program.parseAsync();
}

main().catch((error: unknown) => {
  const text = error instanceof ReplikubeError ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
});
