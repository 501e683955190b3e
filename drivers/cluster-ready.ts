import type { ClusterReadyInputs, ClusterReadyOutputs } from "../plan/bootstrap-resources";
import { OBSERVED_OK } from "../plan/bootstrap-resources";
import { readySteps, uncordonStep } from "../plan/ready-steps";
import { withBootstrapEnvironment, type BootstrapEnvironment } from "./bootstrap-environment";
import { whileMachinesRun } from "./machine-presence";
import { bringToSize } from "./machine-restart";
import { keepingState, type Created } from "./partial-creation";
import { executeStep, executeSteps } from "./step-executor";
import { stackVirsh } from "./virsh";

/** On machines that run as they should. `cordoned`: nodes to open first, of which a refresh has seen that they take no pods. */
export async function proveReady(
  environment: BootstrapEnvironment,
  inputs: ClusterReadyInputs,
  cordoned: readonly string[] = [],
): Promise<ClusterReadyOutputs> {
  const controlPlane = inputs.controlPlane.nodeName;
  const nodeNames = inputs.nodes.map(({ nodeName }) => nodeName);
  const steps = readySteps({ ...inputs, controlPlane, nodeNames }, inputs);
  if (inputs.probeImage === "") {
    environment.timeline.record({
      machine: controlPlane,
      step: "prove-pods",
      title: "CoreDNS answers from a pod, and pods reach each other",
      event: "skipped",
      note: "not proven: this node image carries no container image to probe with",
    });
    console.error(`${controlPlane}: pods and DNS are not proven, the node image has no container image to probe with`);
  }
  const closed = cordoned.filter((name) => nodeNames.includes(name));
  await whileMachinesRun(stackVirsh(inputs), inputs.nodes, async (hopeless) => {
    const watched = { ...environment, hopeless };
    if (closed.length > 0) await executeStep(watched, uncordonStep(controlPlane, closed, inputs));
    await executeSteps(watched, steps);
  });
  const proofs = steps.map(({ id }) => id);
  return { ...inputs, proofs, readyAt: new Date().toISOString(), cordoned: [], observed: OBSERVED_OK };
}

/** Proves that a cluster does what a cluster is for, as far as its image has the means. */
export const prove = (inputs: ClusterReadyInputs, olds?: ClusterReadyOutputs): Promise<Created<ClusterReadyOutputs>> =>
  // A failed update must be seen as one that is still to be made.
  keepingState("ready", { ...olds, ...inputs, nodes: olds?.nodes ?? inputs.nodes }, () =>
    withBootstrapEnvironment(
      { work: "ready", about: inputs.controlPlane, access: inputs, nodes: inputs.nodes },
      async (environment) => {
        await bringToSize(environment, inputs, olds?.nodes ?? []);
        return proveReady(environment, inputs, olds?.cordoned);
      },
    ),
  );
