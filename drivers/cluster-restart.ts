import type { ClusterReadyInputs, NodeAccess } from "../plan/bootstrap-resources";
import { BOOT_ID_COMMAND, reportedStep } from "../plan/restart-step";
import { withBootstrapEnvironment } from "./bootstrap-environment";
import { prove } from "./cluster-ready";
import { output } from "./node-commands";
import { sideBySide } from "./side-by-side";
import { executeStep } from "./step-executor";

/** A cluster whose machines were started again: proven by what its kubelets say of this boot, and then as any other. */

const READ_SECONDS = 30;

export interface RestartedCluster {
  readonly readiness: ClusterReadyInputs;
  readonly nodes: readonly NodeAccess[];
}

export async function proveRestarted({ readiness, nodes }: RestartedCluster): Promise<void> {
  const controlPlane = readiness.controlPlane.nodeName;
  await withBootstrapEnvironment({ access: readiness, nodes }, async (environment) => {
    const booted = await sideBySide(nodes, async ({ nodeName }) => {
      const seconds = READ_SECONDS * readiness.deadlinesFactor;
      const text = await output(environment.runner(nodeName), BOOT_ID_COMMAND, "read the id of this boot", seconds);
      return { nodeName, bootId: text.trim() };
    });
    await executeStep(environment, reportedStep(controlPlane, booted, readiness));
  });
  await prove(readiness);
}
