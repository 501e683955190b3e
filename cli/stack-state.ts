import { lastLines, ReplikubeError } from "../drivers/errors";
import { runLocally } from "../drivers/local-runner";
import type { Mark } from "../plan/mark";
import { stackMembers, type StackMembers } from "../plan/stack-members";
import { tracesOf } from "../plan/stack-traces";
import type { Places } from "./places";
import { projectName, type PulumiProgram } from "./pulumi-program";
import { explainAbsence, type PulumiCall } from "./stack-outputs";

/** A stack that has machines, by its state. */
export interface MadeStack extends StackMembers {
  readonly libvirtUri: string;
  readonly mark: Mark;
}

export const pulumiCall =
  ({ program, environment }: PulumiProgram, { root }: Places): PulumiCall =>
  (args) =>
    runLocally([program, ...args, "--cwd", root, "--non-interactive"], { environment });

/** Says plainly what there is instead when it has none. */
export async function madeStack(pulumi: PulumiProgram, places: Places, stack: string): Promise<MadeStack> {
  const call = pulumiCall(pulumi, places);
  const { exitCode, stdout, stderr } = await call(["stack", "export", "--stack", stack]);
  if (exitCode !== 0 && /no stack named/.test(stderr)) throw await explainAbsence(stack, call);
  if (exitCode !== 0) throw new ReplikubeError(`the state of stack ${stack} cannot be read:\n${lastLines(stderr)}`);
  const members = stackMembers(stdout);
  const { stackId, libvirtUri } = tracesOf(stdout);
  if (members.machines.length === 0 || stackId === undefined || libvirtUri === undefined) {
    throw await explainAbsence(stack, call);
  }
  return { ...members, libvirtUri, mark: { stackId, project: projectName(places.root), stack, resource: "" } };
}
