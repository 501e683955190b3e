import type { KubeadmJoinInputs, KubeadmJoinOutputs } from "../plan/bootstrap-resources";
import { deadlineSeconds } from "../plan/deadlines";
import { drainStep, removeStep } from "../plan/node-steps";
import { healthyStep } from "../plan/init-steps";
import { withBootstrapEnvironment, type BootstrapEnvironment } from "./bootstrap-environment";
import { drain } from "./drain";
import { ReplikubeError } from "./errors";
import { waitOptions } from "./guest-boot";
import { whileMachineIsThere } from "./machine-presence";
import { nodeUid } from "./node-commands";
import { untilAnswered } from "./ssh-answer";
import { executeStep } from "./step-executor";
import { stackVirsh } from "./virsh";

/** Takes a machine out of its cluster. */

/** A creation that failed half-way never learned the uid. */
type Joined = KubeadmJoinInputs & Partial<Pick<KubeadmJoinOutputs, "nodeUid">>;

/** Drains and deletes the node if it is the one that joined; another one under the same name is left alone, and with the control plane all is gone. */
export const removeNode = (outputs: KubeadmJoinOutputs): Promise<void> =>
  whileMachineIsThere(stackVirsh(outputs), outputs.controlPlane, (signal) => {
    const nodes = [outputs.controlPlane, outputs.machine];
    const request = { work: "removal", about: outputs.machine, access: outputs, nodes, signal };
    return withBootstrapEnvironment(request, (environment) => takeOut(environment, outputs));
  });

export async function takeOut(environment: BootstrapEnvironment, outputs: Joined): Promise<void> {
  const { nodeName } = outputs.machine;
  const { nodeName: controlPlane } = outputs.controlPlane;
  const runner = environment.runner(controlPlane);
  // The same up may have switched it on a moment ago: nothing makes a removal wait for the machines that stay.
  await untilAnswered(() => runner.run(["true"], { deadlineSeconds: deadlineSeconds("look", outputs) }), {
    ...waitOptions({ ...outputs, nodeName: controlPlane }, "ssh"),
    ...(environment.signal !== undefined && { signal: environment.signal }),
  });
  await executeStep(environment, healthyStep(controlPlane, outputs));
  const isOurs = async (): Promise<boolean> => {
    const uid = await nodeUid(runner, nodeName, deadlineSeconds("command", outputs));
    // Without one, the node of that name on that cluster is its own.
    return uid !== undefined && (outputs.nodeUid === undefined || uid === outputs.nodeUid);
  };
  if (!(await isOurs())) return;
  await drain(environment, nodeName, (wishes) => drainStep(nodeName, controlPlane, outputs, wishes));
  await executeStep(environment, removeStep(nodeName, controlPlane, outputs));
  if (await isOurs())
    throw new ReplikubeError(`${nodeName}: still registered after its node was deleted\nnext: run up again`);
}
