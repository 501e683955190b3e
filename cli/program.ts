import { Command } from "commander";
import type { Places } from "./places";
import { checkNixVerb } from "./verbs/check-nix";
import { collectVerb } from "./verbs/collect";
import { consoleVerb } from "./verbs/console";
import { doctorVerb } from "./verbs/doctor";
import { gcVerb } from "./verbs/gc";
import { hostVerb } from "./verbs/host";
import { kubeconfigVerb } from "./verbs/kubeconfig";
import { kubectlVerb } from "./verbs/kubectl";
import { loadVerb } from "./verbs/load";
import { lockImageVerb } from "./verbs/lock-image";
import { pulumiVerb } from "./verbs/pulumi";
import { setupVerb } from "./verbs/setup";
import { sshVerb } from "./verbs/ssh";
import { stackVerbs } from "./verbs/stack-verbs";
import { startVerb } from "./verbs/start";
import { stopVerb } from "./verbs/stop";
import { testVerb } from "./verbs/test";
import { timelineVerb } from "./verbs/timeline";

/** The verbs of ./lab, in the order in which a person meets them: each is a file in verbs/ and a word here. */
const GROUPS = {
  "An experiment, from nothing to nothing:": [stackVerbs, stopVerb, startVerb],
  "Its cluster:": [kubectlVerb, kubeconfigVerb, sshVerb, consoleVerb, loadVerb, timelineVerb, collectVerb],
  "This machine:": [doctorVerb, setupVerb, hostVerb, gcVerb],
  "The project:": [testVerb, checkNixVerb, lockImageVerb, pulumiVerb],
} as const;

const EXAMPLES = `
Examples:
  ./lab up                          one control plane and one worker, from nothing
  ./lab kubectl -- get nodes        what kubectl says of them
  ./lab preview --stack two --diff  what up would change on another stack
  ./lab destroy                     nothing of it is left

Every option of every command: docs/guide/commands.md`;

export function labProgram(places: Places): Command {
  const program = new Command("./lab").description(
    "Kubernetes experiments that start from the same machine every time",
  );
  program.enablePositionalOptions().helpCommand(false).addHelpText("after", EXAMPLES);
  for (const [title, verbs] of Object.entries(GROUPS)) {
    program.commandsGroup(title);
    for (const verb of verbs) verb(program, places);
  }
  return program;
}
