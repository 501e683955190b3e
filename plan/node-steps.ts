import type { NodePlan } from "./kubeadm-config";
import type { Step } from "./step";
import { kubectl, KUBECTL_SECONDS, stretched, type Deadlines } from "./step-commands";

/** What is done to nodes through the API, as steps on the control plane. */

const SECONDS = { ready: 180, drain: 60 } as const;

/** Labels are set through the API: the kubelet may not give itself most of them. */
export function labelStep(node: NodePlan, apiMachine: string, deadlines: Deadlines): readonly Step[] {
  const labels = Object.entries(node.labels).map(([key, value]) => `${key}=${value}`);
  if (labels.length === 0) return [];
  return [
    {
      id: `node-labels-${node.nodeName}`,
      title: `label ${node.nodeName}`,
      machine: apiMachine,
      files: [],
      command: kubectl("label", "node", node.nodeName, "--overwrite", ...labels),
      deadlineSeconds: stretched(KUBECTL_SECONDS, deadlines),
    },
  ];
}

export function nodeReadyStep(nodeName: string, controlPlane: string, deadlines: Deadlines): Step {
  const deadlineSeconds = stretched(SECONDS.ready, deadlines);
  // A little under the step's own deadline, so that kubectl's message is the one that is seen.
  const timeout = `--timeout=${deadlineSeconds - 5}s`;
  return {
    id: `join-ready-${nodeName}`,
    title: `${nodeName} is Ready`,
    machine: controlPlane,
    files: [],
    // A little under the step's own deadline, so that kubectl's message is the one that is seen.
    command: kubectl("wait", "--for=condition=Ready", `node/${nodeName}`, timeout),
    deadlineSeconds,
  };
}

/** `drainSeconds`: until the pods have to be gone. */
export function drainStep(
  nodeName: string,
  controlPlane: string,
  deadlines: Deadlines,
  drainSeconds: number = stretched(SECONDS.drain, deadlines),
): Step {
  const flags = ["--ignore-daemonsets", "--delete-emptydir-data", "--force", `--timeout=${drainSeconds}s`];
  return {
    id: `node-drain-${nodeName}`,
    title: `drain ${nodeName}`,
    machine: controlPlane,
    files: [],
    command: kubectl("drain", nodeName, ...flags),
    deadlineSeconds: drainSeconds + stretched(KUBECTL_SECONDS, deadlines),
  };
}

/** The driver has made sure that the node is the one that joined. */
export const removeStep = (nodeName: string, controlPlane: string, deadlines: Deadlines): Step => ({
  id: `node-delete-${nodeName}`,
  title: `delete the node ${nodeName}`,
  machine: controlPlane,
  files: [],
  command: kubectl("delete", "node", nodeName),
  deadlineSeconds: stretched(KUBECTL_SECONDS, deadlines),
});
