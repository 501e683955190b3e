import type { ClusterNode, ClusterReadyInputs } from "../plan/bootstrap-resources";
import { CORDONED_NODES } from "../plan/bootstrap-marks";
import { deadlineSeconds } from "../plan/deadlines";
import { growStep, restartSteps, type RestartSteps } from "../plan/restart-steps";
import type { BootstrapEnvironment } from "./bootstrap-environment";
import { drain } from "./drain";
import { ReplikubeError } from "./errors";
import { bootedHostKey, waitOptions } from "./guest-boot";
import { stopDomain } from "./libvirt/domain-stop";
import { lookAtDomain } from "./libvirt/domains";
import { answer, infoField } from "./libvirt/objects";
import { runState } from "./libvirt/run-state";
import { output } from "./node-commands";
import { recorded } from "./recorded";
import { executeStep, executeSteps } from "./step-executor";
import { stackVirsh, type Virsh } from "./virsh";
import { untilAnswered } from "./ssh-answer";

/**
 * A machine that runs with another size than is planned is restarted, and its node comes back: libvirt has the new size
 * already. Every part looks before it acts, so that a killed run is gone on with.
 */

const KIB_PER_MIB = 1024;
/** Another value after every boot. */
export const BOOT_ID = "/proc/sys/kernel/random/boot_id";

/** False for one that does not run. */
export async function runsWithSize(virsh: Virsh, { domainName, size }: ClusterNode): Promise<boolean> {
  const info = await answer(virsh, "dominfo", domainName);
  // Of one that is off it tells the size that it would start with.
  if (infoField(info, "State") !== "running") return false;
  const memoryMiB = Number.parseInt(infoField(info, "Max memory"), 10) / KIB_PER_MIB;
  return Number(infoField(info, "CPU(s)")) === size.vcpus && memoryMiB === size.memoryMiB;
}

async function requireSame(virsh: Virsh, { nodeName, domainName, instance }: ClusterNode): Promise<void> {
  const there = await lookAtDomain(virsh, domainName);
  if (there?.instance === instance) return;
  throw new ReplikubeError(
    `${nodeName}: domain ${domainName} is ${there === undefined ? "gone" : "another machine"}; it was not restarted\nnext: ./lab refresh, then ./lab up`,
  );
}

async function switchOffAndOn(
  { timeline }: BootstrapEnvironment,
  access: ClusterReadyInputs,
  node: ClusterNode,
): Promise<void> {
  const virsh = stackVirsh(access);
  const { nodeName: machine, domainName } = node;
  await requireSame(virsh, node);
  await recorded(timeline, { machine, step: "restart-stop", title: "shut down for another size" }, () =>
    stopDomain(virsh, domainName, { shutdownSeconds: deadlineSeconds("shutdown", access) }),
  );
  await recorded(timeline, { machine, step: "restart-start", title: "start with the new size" }, () =>
    virsh.run(["start", domainName]),
  );
}

/** SSH as before the restart, and the kernel's id of this boot. */
async function bootIdOf(
  environment: BootstrapEnvironment,
  access: ClusterReadyInputs,
  node: ClusterNode,
): Promise<string> {
  const guest = { ...access, ...node };
  const hostKey = await bootedHostKey(guest, environment.timeline);
  if (hostKey !== node.hostKey) {
    throw new ReplikubeError(
      `${node.nodeName}: came back with another SSH host key; it is not accepted\nnext: find out who changed it, or replace the machine: ./lab destroy, ./lab up`,
    );
  }
  const runner = environment.runner(node.nodeName);
  const seconds = deadlineSeconds("command", access);
  const bootId = await untilAnswered(
    () => output(runner, ["cat", BOOT_ID], "read the boot id", seconds),
    waitOptions(guest, "ssh"),
  );
  return bootId.trim();
}

async function restart(
  environment: BootstrapEnvironment,
  inputs: ClusterReadyInputs,
  node: ClusterNode,
): Promise<void> {
  const steps = stepsFor(inputs, node);
  const { running } = await runState(stackVirsh(inputs), node.domainName);
  if (running && steps.drain !== undefined) await drain(environment, node.nodeName, steps.drain);
  await switchOffAndOn(environment, inputs, node);
  const bootId = await bootIdOf(environment, inputs, node);
  await executeStep(environment, steps.healthy);
  await executeStep(environment, steps.back(bootId));
}

const stepsFor = (inputs: ClusterReadyInputs, { nodeName }: ClusterNode): RestartSteps =>
  restartSteps({ nodeName, controlPlane: inputs.controlPlane.nodeName, hasCni: inputs.hasCni }, inputs);

/** Nodes that this or a killed run has drained, by name. */
async function cordonedNodes(
  environment: BootstrapEnvironment,
  inputs: ClusterReadyInputs,
): Promise<readonly string[]> {
  const runner = environment.runner(inputs.controlPlane.nodeName);
  const seconds = deadlineSeconds("command", inputs);
  return (await output(runner, CORDONED_NODES, "look for nodes that a restart has cordoned", seconds)).split("\n");
}

/** Of nodes that a killed restart has drained, and whose machines were started since. */
export async function openDrained(environment: BootstrapEnvironment, inputs: ClusterReadyInputs): Promise<void> {
  const cordoned = await cordonedNodes(environment, inputs);
  const drained = inputs.nodes.filter(({ nodeName }) => cordoned.includes(nodeName));
  await executeSteps(
    environment,
    drained.map((node) => stepsFor(inputs, node).uncordon),
  );
}

/** One after the other, so that the cluster survives: the control plane, then each worker. `before`: as the last update had them. */
export async function bringToSize(
  environment: BootstrapEnvironment,
  inputs: ClusterReadyInputs,
  before: readonly ClusterNode[],
): Promise<void> {
  const virsh = stackVirsh(inputs);
  let cordoned: readonly string[] | undefined;
  for (const node of inputs.nodes) {
    const restarts = !(await runsWithSize(virsh, node));
    if (restarts) await restart(environment, inputs, node);
    const old = before.find(({ instance }) => instance === node.instance);
    const hasGrown = old !== undefined && old.size.diskBytes < node.size.diskBytes;
    if (hasGrown) await executeStep(environment, growStep(node.nodeName, inputs));
    cordoned ??= await cordonedNodes(environment, inputs);
    const wasCordoned = restarts || cordoned.includes(node.nodeName);
    if (wasCordoned) await executeStep(environment, stepsFor(inputs, node).uncordon);
  }
}
