import type { ClusterReadyInputs } from "../plan/bootstrap-resources";
import { deadlineSeconds } from "../plan/deadlines";
import { restartSteps } from "../plan/restart-steps";
import { withBootstrapEnvironment, type BootstrapEnvironment } from "./bootstrap-environment";
import { proveReady } from "./cluster-ready";
import { BOOT_ID, openDrained } from "./machine-restart";
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

/** Machines are not brought to size: they run as libvirt has them, while an `up` that failed to resize them left their old sizes in the state. */
export async function proveThisBoot(environment: BootstrapEnvironment, readiness: ClusterReadyInputs): Promise<void> {
  const { nodes, hasCni } = readiness;
  const controlPlane = readiness.controlPlane.nodeName;
  const booted = await sideBySide(nodes, async ({ nodeName }) => ({
    steps: restartSteps({ nodeName, controlPlane, hasCni }, readiness),
    bootId: await bootIdOn(environment, nodeName, readiness),
  }));
  await executeSteps(environment, [
    ...booted.slice(0, 1).map(({ steps }) => steps.healthy),
    ...booted.map(({ steps, bootId }) => steps.back(bootId)),
  ]);
  await openDrained(environment, readiness);
  await proveReady(environment, readiness);
}

export const proveRestarted = (readiness: ClusterReadyInputs): Promise<void> =>
  withBootstrapEnvironment(
    { work: "restart", about: readiness.controlPlane, access: readiness, nodes: readiness.nodes },
    (environment) => proveThisBoot(environment, readiness),
  );
