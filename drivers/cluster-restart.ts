import type { ClusterReadyInputs } from "../plan/bootstrap-resources";
import { deadlineSeconds } from "../plan/deadlines";
import { restartSteps } from "../plan/restart-steps";
import { withBootstrapEnvironment, type BootstrapEnvironment } from "./bootstrap-environment";
import { prove } from "./cluster-ready";
import { BOOT_ID } from "./machine-restart";
import { output } from "./node-commands";
import { sideBySide } from "./side-by-side";
import { executeSteps } from "./step-executor";

/**
 * A cluster whose machines were all started again: first what its kubelets say of this boot, since the API server still has what
 * they said before it, then the proof of any cluster.
 */

async function bootIdOn(
  { runner }: BootstrapEnvironment,
  nodeName: string,
  deadlines: ClusterReadyInputs,
): Promise<string> {
  const reading = "read the id of this boot";
  return (await output(runner(nodeName), ["cat", BOOT_ID], reading, deadlineSeconds("command", deadlines))).trim();
}

export async function proveRestarted(readiness: ClusterReadyInputs): Promise<void> {
  const { nodes, hasCni } = readiness;
  const controlPlane = readiness.controlPlane.nodeName;
  await withBootstrapEnvironment(
    { work: "restart", about: readiness.controlPlane, access: readiness, nodes },
    async (environment) => {
      const booted = await sideBySide(nodes, async ({ nodeName }) => ({
        steps: restartSteps({ nodeName, controlPlane, hasCni }, readiness),
        bootId: await bootIdOn(environment, nodeName, readiness),
      }));
      await executeSteps(environment, [
        ...booted.slice(0, 1).map(({ steps }) => steps.healthy),
        ...booted.map(({ steps, bootId }) => steps.back(bootId)),
      ]);
    },
  );
  await prove(readiness);
}
