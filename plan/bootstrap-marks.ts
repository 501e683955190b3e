import { within, type Deadlines } from "./deadlines";
import { shellLine, shellQuote } from "./shell";
import { sh } from "./step-commands";
import type { Argv, Step } from "./step";
import { NODE_STATE } from "./step-script";

/**
 * What a machine's disk says of what was done on it. Steps write it themselves once kubeadm has succeeded: kubeadm's own files
 * are there long before that. It holds what it is a mark of, for a disk may live longer than the cluster that was made on it.
 */

export const INITIALISED = `${NODE_STATE}/initialised`;
export const CONTROLLERS_STARTED = `${NODE_STATE}/controllers-started`;
export const TOKENS_DELETED = `${NODE_STATE}/init-tokens-deleted`;
export const JOINED = `${NODE_STATE}/joined`;
/** Another manifest is another mark. */
export const cniMark = (digest: string): string => `${NODE_STATE}/cni-${digest}`;
/** Stands while a node is cordoned because of us. */
export const cordonedMark = (nodeName: string): string => `${NODE_STATE}/cordoned-${nodeName}`;
/** Prints their names, one a line. */
export const CORDONED_NODES = sh(`ls ${NODE_STATE} | sed -n 's/^cordoned-//p'`);

/** Of what is done once for each CA. */
export const AFTER_INIT = [CONTROLLERS_STARTED, TOKENS_DELETED, cniMark("*"), cordonedMark("*")];
const OF_A_CLUSTER = [INITIALISED, JOINED, ...AFTER_INIT];

export interface Mark {
  readonly file: string;
  /** One line. */
  readonly text: string;
}

export const holds = ({ file, text }: Mark): Argv => ["grep", "-qsxF", text, file];

/**
 * The mark is written once all that it is a mark of is on the disk, and then lasts itself: the kernel keeps what is written to
 * itself for half a minute, and a machine that lost its power meanwhile would have empty files, of kubeadm's or this one.
 */
export const thenMarked = (line: string, mark: string): string => `${line} && sync && ${mark} && sync`;

/** `outdated`: marks of what has to be done again after it. */
export const succeedsAs = (command: Argv, { file, text }: Mark, outdated: readonly string[] = []): Argv =>
  sh(
    thenMarked(
      `${["rm -f", file, ...outdated].join(" ")} && sync && ${shellLine(command)}`,
      `echo ${shellQuote(text)} > ${file}`,
    ),
  );

/** Something of kubeadm's is there, but not the mark that it succeeded. */
const noHalf = (mark: Mark): Argv =>
  // Not by the code of ls: that fails already when one of them is missing, and a worker never has manifests.
  sh(
    `${shellLine(holds(mark))} || ! ls -d /etc/kubernetes/*.conf /etc/kubernetes/manifests/*.yaml /etc/kubernetes/pki/ca.crt 2> /dev/null | grep -q .`,
  );

/** `kubeadm reset` leaves what the CNI made, and its bridge would keep an address that is not the node's any more. */
const CNI_RESET =
  "rm -rf /etc/cni/net.d/*flannel* /var/lib/cni /run/flannel && { ip link delete cni0 2> /dev/null || ! ip link show cni0 2> /dev/null; }";

interface ResetNode {
  readonly id: string;
  readonly nodeName: string;
  readonly criSocket: string;
}

const resetLine = ({ criSocket }: ResetNode): string =>
  `${shellLine(["kubeadm", "reset", "--force", "--cri-socket", criSocket])} && ${CNI_RESET} && rm -f ${OF_A_CLUSTER.join(" ")}`;

/** Before kubeadm acts on a machine: whatever is there that is not its own success goes, with all marks. */
export const resetStep = (node: ResetNode, mark: Mark, deadlines: Deadlines): Step => ({
  id: node.id,
  title: `take back what a killed kubeadm or another cluster left on ${node.nodeName}`,
  machine: node.nodeName,
  files: [],
  command: sh(resetLine(node)),
  doneWhen: noHalf(mark),
  ...within("reset", deadlines),
});

/** On a machine that joined, and whose node somebody deleted: its kubelet does not register it again by itself. */
export const leaveStep = (node: ResetNode, mark: Mark, deadlines: Deadlines): Step => ({
  id: node.id,
  title: `take back the join of ${node.nodeName}, whose node is gone`,
  machine: node.nodeName,
  files: [],
  // The mark goes first: what is killed in between is half a join, and taken back as one.
  command: sh(`rm -f ${mark.file} && sync && ${resetLine(node)}`),
  doneWhen: ["test", "!", "-e", mark.file],
  ...within("reset", deadlines),
});
