import { cordonedMark } from "./bootstrap-marks";
import { deadlineSeconds, within, type Deadlines } from "./deadlines";
import { healthyStep } from "./init-steps";
import { drainStep, type DrainWishes } from "./node-steps";
import { shellLine } from "./shell";
import type { Step } from "./step";
import { kubectl, sh } from "./step-commands";

/** Around the restart of a machine whose node stays in the cluster, as steps on the control plane. */

export interface RestartPlan {
  readonly nodeName: string;
  readonly controlPlane: string;
  /** False with `cni: none`: no node is ever Ready. */
  readonly hasCni: boolean;
}

export interface RestartSteps {
  /** Absent for the control plane, whose pods have nowhere to go. */
  readonly drain?: (wishes: DrainWishes) => Step;
  readonly healthy: Step;
  /** The node is the one of this boot (its kernel's boot id), not what the API server remembers of the one before. */
  readonly back: (bootId: string) => Step;
  /** Whatever was cordoned by the drain, also by one of a killed run; what somebody else had cordoned stays so. */
  readonly uncordon: Step;
}

const field = (nodeName: string, path: string): string =>
  shellLine(kubectl("get", "node", nodeName, "-o", `jsonpath={${path}}`));

function markedDrain({ nodeName, controlPlane }: RestartPlan, deadlines: Deadlines, wishes: DrainWishes): Step {
  const drain = drainStep(nodeName, controlPlane, deadlines, wishes);
  const mark = cordonedMark(nodeName);
  return {
    ...drain,
    id: `restart-drain-${nodeName}`,
    command: sh(
      `state=$(${field(nodeName, ".spec.unschedulable")}) && { test "$state" = true || { touch ${mark} && sync; }; } && ${shellLine(drain.command)}`,
    ),
  };
}

export function restartSteps(plan: RestartPlan, deadlines: Deadlines): RestartSteps {
  const { nodeName, controlPlane, hasCni } = plan;
  const backSeconds = deadlineSeconds("nodeReady", deadlines);
  const mark = cordonedMark(nodeName);
  const ready = kubectl("wait", "--for=condition=Ready", `node/${nodeName}`, `--timeout=${backSeconds}s`);
  return {
    ...(nodeName !== controlPlane && { drain: (wishes) => markedDrain(plan, deadlines, wishes) }),
    healthy: { ...healthyStep(controlPlane, deadlines), id: "restart-healthy" },
    back: (bootId) => ({
      id: `restart-back-${nodeName}`,
      title: `${nodeName} is back${hasCni ? " and Ready" : ""}`,
      machine: controlPlane,
      files: [],
      command: sh(
        `until test "$(${field(nodeName, ".status.nodeInfo.bootID")})" = ${bootId}; do sleep 2; done${hasCni ? ` && ${shellLine(ready)}` : ""}`,
      ),
      ...within("nodeReady", deadlines),
    }),
    uncordon: {
      id: `restart-uncordon-${nodeName}`,
      title: `let pods onto ${nodeName} again`,
      machine: controlPlane,
      files: [],
      command: sh(`${shellLine(kubectl("uncordon", nodeName))} && rm ${mark}`),
      doneWhen: ["test", "!", "-e", mark],
      ...within("command", deadlines),
    },
  };
}

/** The root file system takes all of its volume; the kernel has seen that one grow. Nothing happens when it does already. */
export const growStep = (nodeName: string, deadlines: Deadlines): Step => ({
  id: "restart-grow-root",
  title: `grow the root file system of ${nodeName}`,
  machine: nodeName,
  files: [],
  command: sh(`resize2fs "$(awk '$2 == "/" { print $1 }' /proc/mounts | tail -n 1)"`),
  ...within("command", deadlines),
});
