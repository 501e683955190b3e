import type { ClusterReadyInputs, ClusterReadyOutputs } from "../plan/bootstrap-resources";
import { OBSERVED_OK } from "../plan/bootstrap-resources";
import { readySteps } from "../plan/ready-steps";
import { withBootstrapEnvironment } from "./bootstrap-environment";
import { bringToSize } from "./machine-restart";
import { keepingState, type Created } from "./partial-creation";
import { executeSteps } from "./step-executor";

/** Proves that a cluster does what a cluster is for, as far as its image has the means. */
export const prove = (inputs: ClusterReadyInputs, olds?: ClusterReadyOutputs): Promise<Created<ClusterReadyOutputs>> =>
  // A failed update must be seen as one that is still to be made.
  keepingState("ready", { ...inputs, nodes: olds?.nodes ?? inputs.nodes }, () =>
    withBootstrapEnvironment({ access: inputs, nodes: inputs.nodes }, async (environment) => {
      const controlPlane = inputs.controlPlane.nodeName;
      await bringToSize(environment, inputs, olds?.nodes ?? []);
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
        console.error(
          `${controlPlane}: pods and DNS are not proven, the node image has no container image to probe with`,
        );
      }
      await executeSteps(environment, steps);
      const proofs = steps.map(({ id }) => id);
      return { ...inputs, proofs, readyAt: new Date().toISOString(), observed: OBSERVED_OK };
    }),
  );
