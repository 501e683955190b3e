import { randomInt } from "node:crypto";
import type {
  JoinTokenInputs,
  JoinTokenOutputs,
  KubeadmInitInputs,
  KubeadmInitOutputs,
  KubeadmJoinInputs,
  KubeadmJoinOutputs,
} from "../plan/bootstrap-resources";
import { OBSERVED_OK } from "../plan/bootstrap-resources";
import { deadlineSeconds, lengthen } from "../plan/deadlines";
import { initSteps } from "../plan/init-steps";
import { joinSteps } from "../plan/join-steps";
import { removeStep } from "../plan/node-steps";
import type { Step } from "../plan/step";
import { withBootstrapEnvironment, type BootstrapEnvironment } from "./bootstrap-environment";
import { keptConfiguration } from "./kept-configuration";
import { nodeUid, readClusterFiles } from "./node-commands";
import { keepingState, type Created } from "./partial-creation";
import { executeStep, executeSteps } from "./step-executor";
import { waitUntil } from "./wait";

/** Makes a cluster of machines with kubeadm: one function for each method of a resource. */

/** Every function may run again after it was killed anywhere, and beside a twin of itself: the steps look before they act. */
export const initialise = (
  inputs: KubeadmInitInputs,
  olds?: KubeadmInitOutputs,
): Promise<Created<KubeadmInitOutputs>> =>
  keepingState(`${inputs.controlPlane.nodeName}-init`, { ...olds, ...inputs }, () =>
    withBootstrapEnvironment(
      { work: "init", about: inputs.controlPlane, access: inputs, nodes: [inputs.controlPlane] },
      async (environment) => {
        await executeSteps(environment, initSteps(inputs, inputs));
        const runner = environment.runner(inputs.controlPlane.nodeName);
        const files = await readClusterFiles(runner, deadlineSeconds("command", inputs));
        const configuration = await keptConfiguration(environment, inputs, olds);
        const { endpointHost, endpointPort } = inputs.cluster;
        const endpoint = `https://${endpointHost}:${endpointPort}`;
        return { ...inputs, ...files, configuration, endpoint, observed: OBSERVED_OK };
      },
    ),
  );

const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";
const letters = (count: number): string =>
  Array.from({ length: count }, () => LETTERS[randomInt(LETTERS.length)]).join("");

/** Only a value: it means nothing to the cluster until the join activates it. */
export const makeToken = async (inputs: JoinTokenInputs): Promise<Created<JoinTokenOutputs>> => ({
  id: `${inputs.nodeName}-token`,
  outs: { ...inputs, token: `${letters(6)}.${letters(16)}` },
});

export const join = (inputs: KubeadmJoinInputs, olds?: KubeadmJoinOutputs): Promise<Created<KubeadmJoinOutputs>> =>
  keepingState(`${inputs.machine.nodeName}-join`, { ...olds, ...inputs }, () =>
    withBootstrapEnvironment(
      {
        work: "join",
        about: inputs.machine,
        access: inputs,
        nodes: [inputs.controlPlane, inputs.machine],
        secrets: [inputs.token],
      },
      async (environment) => ({ ...inputs, nodeUid: await joinMachine(environment, inputs), observed: OBSERVED_OK }),
    ),
  );

async function joinMachine(environment: BootstrapEnvironment, inputs: KubeadmJoinInputs): Promise<string> {
  const controlPlane = inputs.controlPlane.nodeName;
  const steps = joinSteps({ ...inputs, context: inputs, credentials: inputs, controlPlane }, inputs);
  const joined = await isDone(environment, steps.join, deadlineSeconds("command", inputs));
  const runner = environment.runner(controlPlane);
  const isMissing =
    joined && (await nodeUid(runner, inputs.machine.nodeName, deadlineSeconds("command", inputs))) === undefined;
  if (isMissing) await executeStep(environment, steps.leave);
  if (joined && !isMissing) {
    environment.timeline.record({
      machine: steps.join.machine,
      step: steps.join.id,
      title: steps.join.title,
      event: "skipped",
    });
    // Whoever joined it may have been killed before it deleted the token.
    await executeStep(environment, steps.deactivate);
  } else {
    if ((await executeStep(environment, steps.reset)) === "done") await forgetNode(environment, inputs);
    await withToken(environment, steps, () => executeStep(environment, steps.join));
  }
  const uid = await registeredUid(environment, inputs);
  await executeSteps(environment, steps.settle);
  return uid;
}

/** What a join that was taken back has registered: while its last word is that it is Ready, kubeadm lets no other join by its name. */
async function forgetNode(environment: BootstrapEnvironment, inputs: KubeadmJoinInputs): Promise<void> {
  const { nodeName } = inputs.machine;
  const controlPlane = inputs.controlPlane.nodeName;
  if ((await nodeUid(environment.runner(controlPlane), nodeName, deadlineSeconds("command", inputs))) === undefined)
    return;
  await executeStep(environment, removeStep(nodeName, controlPlane, inputs));
}

/** The token is deleted on failure too; the join's own error is then the one that is told. */
async function withToken<T>(
  environment: BootstrapEnvironment,
  { activate, deactivate }: ReturnType<typeof joinSteps>,
  work: () => Promise<T>,
): Promise<T> {
  let result: T;
  try {
    await executeStep(environment, activate);
    result = await work();
  } catch (error) {
    await executeStep(environment, deactivate).catch(() => undefined);
    throw error;
  }
  await executeStep(environment, deactivate);
  return result;
}

const isDone = async (
  environment: BootstrapEnvironment,
  { machine, doneWhen = ["false"] }: Step,
  seconds: number,
): Promise<boolean> => (await environment.runner(machine).run(doneWhen, { deadlineSeconds: seconds })).exitCode === 0;

const registeredUid = (environment: BootstrapEnvironment, inputs: KubeadmJoinInputs): Promise<string> => {
  const { nodeName } = inputs.machine;
  const runner = environment.runner(inputs.controlPlane.nodeName);
  return waitUntil(
    async () => {
      const uid = await nodeUid(runner, nodeName, deadlineSeconds("command", inputs));
      return uid === undefined ? { done: false, seen: `no node ${nodeName}` } : { done: true, value: uid };
    },
    {
      context: {
        machine: nodeName,
        step: "register the node",
        next: `look at the kubelet's log: ./lab ssh, journalctl -u kubelet; ${lengthen("register")}`,
      },
      awaited: "its node object",
      deadlineSeconds: deadlineSeconds("register", inputs),
      intervalSeconds: 2,
    },
  );
};
