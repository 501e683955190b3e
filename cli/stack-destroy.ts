import { CommandError } from "../drivers/errors";
import { libvirtUriOf } from "../facts/load-facts";
import { backendDigest } from "../plan/stack-record";
import { NO_TRACES, resourcesOf, tracesOf } from "../plan/stack-traces";
import { proveNothingLeft, type ProofRequest } from "./destroy-proof";
import { untilInterrupted } from "./interrupted-work";
import type { Places } from "./places";
import { askStack, projectName, pulumiProgram, requireFree, type PulumiProgram } from "./pulumi-program";
import { runStackVerb, type StackVerb } from "./pulumi-verb";
import { configuredText, configuredUri, configuredVirshSeconds } from "./stack-config";

/** With `--remove` the stack itself is gone too. */
async function resourcesLeft(pulumi: PulumiProgram, places: Places, stack: string): Promise<number> {
  try {
    return resourcesOf(await askStack(pulumi, places, ["export", "--stack", stack])).length;
  } catch (error) {
    if (error instanceof CommandError && error.output.includes("no stack named")) return 0;
    throw error;
  }
}

/** What the proof after a destroy needs; a stack of which nothing is known would have used what its configuration and this checkout say. */
async function aboutToDestroy(pulumi: PulumiProgram, places: Places, stack: string): Promise<ProofRequest> {
  const traces = await askStack(pulumi, places, ["export", "--stack", stack]).then(tracesOf, () => NO_TRACES);
  const libvirtUri = libvirtUriOf(configuredUri(places, stack), places.root, pulumi.environment);
  const poolPath = configuredText(places, stack, "poolPath");
  const poolFolders = [...traces.poolFolders, ...(poolPath === undefined ? [] : [poolPath])];
  const backend = backendDigest(pulumi.environment["PULUMI_BACKEND_URL"] ?? "");
  const callSeconds = configuredVirshSeconds(places, stack);
  return { libvirtUri, callSeconds, ...traces, poolFolders, backend, project: projectName(places.root), stack };
}

/**
 * Pulumi removes what it was asked to, and when that was everything it is proven that nothing is left. Pulumi's own word decides, not the arguments:
 * a target can be named in many ways. Returns Pulumi's exit code.
 */
export async function destroyStack(
  places: Places,
  destroy: StackVerb,
  report: (line: string) => void,
): Promise<number> {
  const pulumi = await pulumiProgram(places);
  // What a killed command's Pulumi still makes, the state does not tell yet.
  await requireFree(pulumi, places, destroy.stack);
  const destroyed = await aboutToDestroy(pulumi, places, destroy.stack);
  const exitCode = await runStackVerb(places, "destroy", destroy);
  if (exitCode !== 0) return exitCode;
  const { stack } = destroy;
  const unproven = `stack ${stack}: Pulumi has destroyed what it was asked to; whether anything is left is not known, because ./lab was interrupted\nnext: ./lab destroy --stack ${stack} goes on from there`;
  await untilInterrupted(
    () => unproven,
    async () => {
      const left = await resourcesLeft(pulumi, places, stack);
      if (left === 0) await proveNothingLeft(places, destroyed, report);
      else report(`stack ${stack}: ${left} of its resources stay, as they are in its state`);
    },
  );
  return exitCode;
}
