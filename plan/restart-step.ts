import { kubectl, sh, type Deadlines } from "./bootstrap-steps";
import { shellLine } from "./shell";
import type { Step } from "./step";

/**
 * After a restart the API server still has what every kubelet said before it: nodes that have not even booted are Ready there.
 * A kubelet that has started tells the id of its machine's boot, so that one is waited for.
 */

export interface BootedNode {
  readonly nodeName: string;
  /** Of /proc/sys/kernel/random/boot_id. */
  readonly bootId: string;
}

export const BOOT_ID_COMMAND = ["cat", "/proc/sys/kernel/random/boot_id"] as const;

/** The API server's own start is part of it. */
const REPORT_SECONDS = 240;

/** kubectl takes two seconds of an emulated processor, so it is not asked all the time. */
const untilReported = ({ nodeName, bootId }: BootedNode): string => {
  const ask = shellLine(kubectl("get", "node", nodeName, "-o", "jsonpath={.status.nodeInfo.bootID}"));
  return `until test "$(${ask})" = ${bootId}; do sleep 3; done; echo "${nodeName} has reported"`;
};

export const reportedStep = (
  controlPlane: string,
  nodes: readonly BootedNode[],
  { deadlinesFactor }: Deadlines,
): Step => ({
  id: "ready-reported",
  title: "every kubelet has reported since its machine booted",
  machine: controlPlane,
  files: [],
  command: sh(nodes.map(untilReported).join("\n")),
  deadlineSeconds: Math.ceil(REPORT_SECONDS * deadlinesFactor),
});
