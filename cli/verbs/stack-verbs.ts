import type { Command } from "commander";
import { timelineFile } from "../../drivers/timeline";
import { libvirtUriOf } from "../../facts/load-facts";
import { tracesOf } from "../../plan/stack-traces";
import { upSummary } from "../../plan/up-summary";
import { proveNothingLeft, type DestroyedStack } from "../destroy-proof";
import type { Places } from "../places";
import { currentRun } from "../pulumi-environment";
import { askStack, projectName, pulumiProgram, runStackVerb } from "../pulumi-program";
import { runningStack, stackOption, type StackOption } from "../running-stack";
import { configuredUri } from "../stack-config";
import { runSetup } from "../setup/run-setup";
import { timelineOfRun } from "../timeline-report";

/** up, preview, refresh, destroy: Pulumi's own, on a stack made from Pulumi.NAME.yaml. */

const VERBS = ["up", "preview", "refresh", "destroy"] as const;
type Verb = (typeof VERBS)[number];

const DESCRIPTIONS: Readonly<Record<Verb, string>> = {
  up: "set up what is missing, then bring up a stack",
  preview: "show what up would change",
  refresh: "take what is really there into the state",
  destroy: "remove everything of a stack, and prove that nothing is left",
};

const report = (line: string): void => void process.stderr.write(`lab: ${line}\n`);

/** Pulumi asks on a terminal; without one it must be told. Preview never asks. */
const confirmation = (verb: Verb, args: readonly string[]): readonly string[] =>
  verb === "preview" || process.stdin.isTTY || args.some((arg) => ["--yes", "-y", "--preview-only"].includes(arg))
    ? []
    : ["--yes"];

/** A part of a stack, or only a look at it: then the rest is still there, and rightly so. */
const isPartial = (args: readonly string[]): boolean =>
  args.some((arg) => /^(--target|--exclude|-t$|--preview-only|--help|-h$)/.test(arg));

async function sayWhatIsUp(places: Places, stack: string): Promise<void> {
  const outputs = await runningStack(places, stack);
  const timeline = timelineOfRun(timelineFile(places.root, stack), currentRun());
  const { kubeconfig, sshPrivateKey, ...visible } = outputs;
  const secrets = { kubeconfig: String(kubeconfig), sshPrivateKey: String(sshPrivateKey) };
  const summary = upSummary({
    stack,
    outputs: { ...visible, ...secrets },
    ...(timeline !== undefined && { timeline }),
  });
  process.stdout.write(`\n${summary}`);
}

/** What the proof after a destroy needs; a stack of which nothing is known would have used this checkout's libvirt. */
async function aboutToDestroy(places: Places, stack: string): Promise<DestroyedStack> {
  const pulumi = await pulumiProgram(places);
  const traces = await askStack(pulumi, places, ["export", "--stack", stack]).then(tracesOf, () => ({}));
  const libvirtUri = libvirtUriOf(configuredUri(places, stack), places.root, pulumi.environment);
  return { libvirtUri, ...traces, project: projectName(places.root), stack };
}

async function act(places: Places, verb: Verb, stack: string, args: readonly string[]): Promise<number> {
  const destroyed = verb === "destroy" && !isPartial(args) ? await aboutToDestroy(places, stack) : undefined;
  const exitCode = await runStackVerb(places, verb, stack, [...confirmation(verb, args), ...args]);
  if (exitCode !== 0) return exitCode;
  if (verb === "up" && !isPartial(args)) await sayWhatIsUp(places, stack);
  if (destroyed !== undefined) await proveNothingLeft(places, destroyed, report);
  return 0;
}

export function stackVerbs(program: Command, places: Places): void {
  for (const verb of VERBS) {
    stackOption(program.command(verb))
      .description(DESCRIPTIONS[verb])
      .argument("[pulumi arguments...]", "passed to pulumi, as are unknown options")
      .allowUnknownOption()
      .action(async (args: readonly string[], { stack }: StackOption) => {
        await runSetup(places, report);
        process.exitCode = await act(places, verb, stack, args);
      });
  }
}
