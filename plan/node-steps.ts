import { dirname } from "node:path/posix";
import { deadlineSeconds, within, type Deadlines } from "./deadlines";
import type { NodePlan } from "./kubeadm-config";
import { shellLine } from "./shell";
import type { Step } from "./step";
import { kubectl, sh } from "./step-commands";
import { NODE_STATE } from "./step-script";

/** What is done to nodes through the API, as steps on the control plane. */

/**
 * Labels are set through the API: the kubelet may not give itself most of them. The control plane keeps their keys, so that those which
 * are no longer wanted are taken away. A key is kept before its label is set, and let go after it is taken away: killed anywhere, none is lost.
 */
export function labelStep({ nodeName, labels }: NodePlan, apiMachine: string, deadlines: Deadlines): Step {
  const kept = `${NODE_STATE}/labels/${nodeName}`;
  const keys = Object.keys(labels);
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  const lines = shellLine(["printf", "%s\\n", ...keys]);
  const isWanted = ["", ...keys].flatMap((key) => ["-e", key]);
  return {
    id: `node-labels-${nodeName}`,
    title: keys.length === 0 ? `take earlier labels off ${nodeName}` : `label ${nodeName}`,
    machine: apiMachine,
    files: [],
    command: sh(`mkdir -p ${dirname(kept)} && ${lines} >> ${kept} || exit
gone=$(${shellLine(["grep", "-vxF", ...isWanted, kept])} | sort -u | sed 's/$/-/')
${shellLine(kubectl("label", "node", nodeName, "--overwrite", ...pairs))} $gone && ${lines} > ${kept}`),
    ...(keys.length === 0 && { doneWhen: sh(`! grep -qs . ${kept}`) }),
    ...within("command", deadlines),
    ofApi: true,
  };
}

export function nodeReadyStep(nodeName: string, controlPlane: string, deadlines: Deadlines): Step {
  const ready = within("nodeReady", deadlines);
  // A little under the step's own deadline, so that kubectl's message is the one that is seen.
  const timeout = `--timeout=${ready.deadlineSeconds - 5}s`;
  return {
    id: `join-ready-${nodeName}`,
    title: `${nodeName} is Ready`,
    machine: controlPlane,
    files: [],
    command: kubectl("wait", "--for=condition=Ready", `node/${nodeName}`, timeout),
    ...ready,
    ofApi: true,
  };
}

/** Said when the command is given, not by the stack. */
export interface DrainWishes {
  /** Until the pods have to be gone. Absent: the stack's own deadline. */
  readonly seconds?: number;
  /** Whether pods that nobody makes anew elsewhere go too. */
  readonly force: boolean;
}

export function drainStep(
  nodeName: string,
  controlPlane: string,
  deadlines: Deadlines,
  { seconds = deadlineSeconds("drain", deadlines), force }: DrainWishes,
): Step {
  const forced = force ? ["--force"] : [];
  const flags = ["--ignore-daemonsets", "--delete-emptydir-data", ...forced, `--timeout=${seconds}s`];
  return {
    id: `node-drain-${nodeName}`,
    title: `drain ${nodeName}`,
    machine: controlPlane,
    files: [],
    command: kubectl("drain", nodeName, ...flags),
    deadline: "drain",
    // A little over kubectl's own, which has to ask for every pod first.
    deadlineSeconds: seconds + deadlineSeconds("command", deadlines),
    ofApi: true,
  };
}

/** The driver has made sure that the node is the one that joined. */
export const removeStep = (nodeName: string, controlPlane: string, deadlines: Deadlines): Step => ({
  id: `node-delete-${nodeName}`,
  title: `delete the node ${nodeName}`,
  machine: controlPlane,
  files: [],
  command: kubectl("delete", "node", nodeName),
  ...within("command", deadlines),
  ofApi: true,
});
