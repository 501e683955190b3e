import { libvirtUriOf } from "../facts/load-facts";
import { tracesOf } from "../plan/stack-traces";
import { proveNothingLeft, type DestroyedStack } from "./destroy-proof";
import type { Places } from "./places";
import { askStack, projectName, pulumiProgram, runStackVerb, type StackVerb } from "./pulumi-program";
import { configuredUri } from "./stack-config";

/** What the proof after a destroy needs; a stack of which nothing is known would have used this checkout's libvirt. */
async function aboutToDestroy(places: Places, stack: string): Promise<DestroyedStack> {
  const pulumi = await pulumiProgram(places);
  const traces = await askStack(pulumi, places, ["export", "--stack", stack]).then(tracesOf, () => ({}));
  const libvirtUri = libvirtUriOf(configuredUri(places, stack), places.root, pulumi.environment);
  return { libvirtUri, ...traces, project: projectName(places.root), stack };
}

/** A whole stack goes, and then it is proven that nothing of it is left. Returns Pulumi's exit code. */
export async function destroyStack(
  places: Places,
  destroy: StackVerb,
  report: (line: string) => void,
): Promise<number> {
  const destroyed = await aboutToDestroy(places, destroy.stack);
  const exitCode = await runStackVerb(places, "destroy", destroy);
  if (exitCode === 0) await proveNothingLeft(places, destroyed, report);
  return exitCode;
}
