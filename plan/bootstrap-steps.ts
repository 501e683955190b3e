import { createHash } from "node:crypto";
import { cniManifestText } from "./cni-manifest";
import { foundationOf, identityOf } from "./foundation";
import {
  initConfigText,
  joinConfigText,
  tokenConfigText,
  type JoinCredentials,
  type KubeadmContext,
  type NodePlan,
} from "./kubeadm-config";
import { patchFiles } from "./kubeadm-patches";
import { shellLine, shellQuote } from "./shell";
import type { Argv, Step } from "./step";
import { NODE_STATE } from "./step-script";

/** The steps from booted machines to a cluster, and back, as data. What they wait for is in plan/ready-steps.ts. */

export interface Deadlines {
  /** Multiplies every deadline. */
  readonly deadlinesFactor: number;
}

export const ADMIN_KUBECONFIG = "/etc/kubernetes/admin.conf";
export const CA_CERTIFICATE = "/etc/kubernetes/pki/ca.crt";

/**
 * Written by the step itself when kubeadm has succeeded: kubeadm's own files are there long before that. A mark holds what it
 * is a mark of, for a disk may live longer than the cluster that was made on it.
 */
const INITIALISED = `${NODE_STATE}/initialised`;
const CONTROLLERS_STARTED = `${NODE_STATE}/controllers-started`;
const JOINED = `${NODE_STATE}/joined`;
const TOKENS_DELETED = `${NODE_STATE}/init-tokens-deleted`;
const CONFIG_FOLDER = "/etc/kubernetes/replikube";

/** Deadlines in seconds, on a host that runs guests natively and does nothing else. */
const SECONDS = {
  init: 240,
  join: 120,
  reset: 90,
  controllers: 120,
  healthy: 180,
  token: 40,
  apply: 40,
  kubectl: 30,
  drain: 60,
} as const;

const seconds = (name: keyof typeof SECONDS, { deadlinesFactor }: Deadlines): number =>
  Math.ceil(SECONDS[name] * deadlinesFactor);

export const kubectl = (...args: readonly string[]): Argv => ["kubectl", "--kubeconfig", ADMIN_KUBECONFIG, ...args];
export const sh = (script: string): Argv => ["sh", "-c", script];

/**
 * Both give up after 10 s without a healthy API server, are then held in back-off, and take from it what it needs to start:
 * they start when it is. `wait-control-plane` would wait for them; kubeadm's other phases wait until the API server answers,
 * which it does before it is healthy (it has its roles to write).
 */
const CONTROLLERS = ["controller-manager", "scheduler"] as const;
const SKIPPED_PHASES = [...CONTROLLERS.map((name) => `control-plane/${name}`), "wait-control-plane"];

/** kubectl takes two seconds of an emulated processor, so it is not asked all the time. */
const WHEN_HEALTHY = `{ until ${shellLine(kubectl("get", "--raw=/healthz"))} > /dev/null; do sleep 4; done; }`;

/** After its machine has come back. */
export const healthyStep = (controlPlane: string, deadlines: Deadlines): Step => ({
  id: "init-healthy",
  title: "the API server is healthy",
  machine: controlPlane,
  files: [],
  command: sh(WHEN_HEALTHY),
  deadlineSeconds: seconds("healthy", deadlines),
});

const exists = (path: string): Argv => ["test", "-f", path];
const succeeds = (command: Argv, mark: string): Argv => sh(`${shellLine(command)} && touch ${mark}`);

interface Mark {
  readonly file: string;
  /** One line. */
  readonly text: string;
}

const holds = ({ file, text }: Mark): Argv => ["grep", "-qsxF", text, file];
const succeedsAs = (command: Argv, { file, text }: Mark): Argv =>
  sh(`${shellLine(command)} && echo ${shellQuote(text)} > ${file}`);

/** Something of kubeadm's is there, but not the mark that it succeeded. */
const noHalf = (mark: Mark): Argv =>
  // Not by the code of ls: that fails already when one of them is missing, and a worker never has manifests.
  sh(
    `${shellLine(holds(mark))} || ! ls -d /etc/kubernetes/*.conf /etc/kubernetes/manifests/*.yaml /etc/kubernetes/pki/ca.crt 2> /dev/null | grep -q .`,
  );

/** Marks of what was done in the cluster that is taken back. */
const MARKS = [
  INITIALISED,
  JOINED,
  CONTROLLERS_STARTED,
  TOKENS_DELETED,
  `${NODE_STATE}/cni-*`,
  `${NODE_STATE}/cordoned-*`,
];

const resetStep = (node: NodePlan, mark: Mark, deadlines: Deadlines, criSocket: string): Step => ({
  id: mark.file === INITIALISED ? "kubeadm-init-reset" : "kubeadm-join-reset",
  title: `take back what a killed kubeadm or another cluster left on ${node.nodeName}`,
  machine: node.nodeName,
  files: [],
  command: sh(`${shellLine(["kubeadm", "reset", "--force", "--cri-socket", criSocket])} && rm -f ${MARKS.join(" ")}`),
  doneWhen: noHalf(mark),
  deadlineSeconds: seconds("reset", deadlines),
});

/** Into a variable first: a list that cannot be had must fail, and in a pipe it would look like an empty one. */
const LIST_TOKENS = `tokens=$(kubeadm --kubeconfig ${ADMIN_KUBECONFIG} token list -o json)`;

/** Init tokens are of no use here: every join activates its own. Only the public id stands in the arguments. */
const DELETE_ALL_TOKENS = `${LIST_TOKENS} && printf '%s\\n' "$tokens" | sed -n 's/.*"token": *"\\([a-z0-9]\\{6\\}\\)\\..*/\\1/p' | while read -r id; do kubeadm --kubeconfig ${ADMIN_KUBECONFIG} token delete "$id" || exit 1; done`;

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

function cniStep({ cluster, node }: KubeadmContext, deadlines: Deadlines): readonly Step[] {
  const manifest = cniManifestText(cluster);
  if (manifest === "") return [];
  const path = `${CONFIG_FOLDER}/cni.yaml`;
  const mark = `${NODE_STATE}/cni-${sha256(manifest).slice(0, 16)}`;
  return [
    {
      id: "cni-apply",
      title: "apply the CNI",
      machine: node.nodeName,
      files: [{ path, mode: 0o644, content: manifest, removeAfter: false }],
      command: succeeds(kubectl("apply", "-f", path), mark),
      doneWhen: exists(mark),
      deadlineSeconds: seconds("apply", deadlines),
    },
  ];
}

/** Labels are set through the API: the kubelet may not give itself most of them. */
function labelStep(node: NodePlan, apiMachine: string, deadlines: Deadlines): readonly Step[] {
  const labels = Object.entries(node.labels).map(([key, value]) => `${key}=${value}`);
  if (labels.length === 0) return [];
  return [
    {
      id: `node-labels-${node.nodeName}`,
      title: `label ${node.nodeName}`,
      machine: apiMachine,
      files: [],
      command: kubectl("label", "node", node.nodeName, "--overwrite", ...labels),
      deadlineSeconds: seconds("kubectl", deadlines),
    },
  ];
}

export function initSteps(context: KubeadmContext, deadlines: Deadlines): readonly Step[] {
  const { cluster, node } = context;
  const path = `${CONFIG_FOLDER}/init.yaml`;
  const initialised = { file: INITIALISED, text: foundationOf({ cluster, ...identityOf(node) }) };
  return [
    resetStep(node, initialised, deadlines, cluster.criSocket),
    {
      id: "kubeadm-init",
      title: `initialise the control plane on ${node.nodeName}`,
      machine: node.nodeName,
      files: [{ path, mode: 0o600, content: initConfigText(context), removeAfter: false }, ...patchFiles(context)],
      command: succeedsAs(
        ["kubeadm", "init", "--config", path, "--skip-token-print", `--skip-phases=${SKIPPED_PHASES.join(",")}`],
        initialised,
      ),
      doneWhen: holds(initialised),
      deadlineSeconds: seconds("init", deadlines),
    },
    {
      id: "kubeadm-init-controllers",
      title: "start the controller manager and the scheduler once the API server is healthy",
      machine: node.nodeName,
      files: [],
      command: sh(
        `${WHEN_HEALTHY} && ${CONTROLLERS.map((name) => `kubeadm init phase control-plane ${name} --config ${path}`).join(" && ")} && touch ${CONTROLLERS_STARTED}`,
      ),
      doneWhen: exists(CONTROLLERS_STARTED),
      deadlineSeconds: seconds("controllers", deadlines),
    },
    ...cniStep(context, deadlines),
    ...labelStep(node, node.nodeName, deadlines),
    {
      id: "init-token-delete",
      title: "delete the token that kubeadm init made",
      machine: node.nodeName,
      files: [],
      command: sh(`${DELETE_ALL_TOKENS} && touch ${TOKENS_DELETED}`),
      doneWhen: exists(TOKENS_DELETED),
      deadlineSeconds: seconds("token", deadlines),
    },
  ];
}

/** The part of a token that may be seen. */
const tokenId = (token: string): string => token.slice(0, 6);

export interface JoinPlan {
  readonly context: KubeadmContext;
  readonly credentials: JoinCredentials;
  /** Node name of the control plane that the token is activated on. */
  readonly controlPlane: string;
  /** Of the cluster, and of the joining machine's domain. */
  readonly clusterInstance: string;
  readonly instance: string;
}

export interface JoinSteps {
  readonly reset: Step;
  /** On the control plane, just before the join. */
  readonly activate: Step;
  readonly join: Step;
  /** On the control plane, whatever became of the join. */
  readonly deactivate: Step;
  /** On the control plane, once the node is known. */
  readonly settle: readonly Step[];
}

export function joinSteps(plan: JoinPlan, deadlines: Deadlines): JoinSteps {
  const { context, credentials, controlPlane, clusterInstance, instance } = plan;
  const { cluster, node } = context;
  const { nodeName } = node;
  const id = tokenId(credentials.token);
  const joined = { file: JOINED, text: `cluster ${clusterInstance} machine ${instance}` };
  const tokenFile = `/run/replikube-token-${nodeName}.yaml`;
  const joinFile = "/run/replikube-join.yaml";
  const create = `kubeadm --kubeconfig ${ADMIN_KUBECONFIG} token create --config ${tokenFile} > /dev/null`;
  const remove = `kubeadm --kubeconfig ${ADMIN_KUBECONFIG} token delete ${id}`;
  return {
    reset: resetStep(node, joined, deadlines, cluster.criSocket),
    activate: {
      id: `token-activate-${nodeName}`,
      title: `activate the token of ${nodeName}`,
      machine: controlPlane,
      files: [
        { path: tokenFile, mode: 0o600, content: tokenConfigText(credentials.token, nodeName), removeAfter: true },
      ],
      // One that a killed run left behind may have a minute to live: it is made anew.
      command: sh(`${create} || { ${remove} && ${create}; }`),
      deadlineSeconds: seconds("token", deadlines),
    },
    join: {
      id: "kubeadm-join",
      title: `join ${nodeName}`,
      machine: nodeName,
      files: [{ path: joinFile, mode: 0o600, content: joinConfigText(context, credentials), removeAfter: true }],
      command: succeedsAs(["kubeadm", "join", "--config", joinFile], joined),
      doneWhen: holds(joined),
      deadlineSeconds: seconds("join", deadlines),
    },
    deactivate: {
      id: `token-delete-${nodeName}`,
      title: `delete the token of ${nodeName}`,
      machine: controlPlane,
      files: [],
      // Already gone (it ran out, or a killed run got this far) is as good.
      command: sh(`${remove} || { ${LIST_TOKENS} && ! printf '%s\\n' "$tokens" | grep -q '"${id}\\.'; }`),
      deadlineSeconds: seconds("token", deadlines),
    },
    settle: labelStep(node, controlPlane, deadlines),
  };
}

/** On the control plane. */
export function drainStep(nodeName: string, controlPlane: string, deadlines: Deadlines): Step {
  const drainSeconds = seconds("drain", deadlines);
  const flags = ["--ignore-daemonsets", "--delete-emptydir-data", "--force", `--timeout=${drainSeconds}s`];
  return {
    id: `node-drain-${nodeName}`,
    title: `drain ${nodeName}`,
    machine: controlPlane,
    files: [],
    command: kubectl("drain", nodeName, ...flags),
    deadlineSeconds: drainSeconds + seconds("kubectl", deadlines),
  };
}

export interface RemoveSteps {
  /** May pass its deadline: the node goes all the same, and the timeline says that it was not empty. */
  readonly drain: Step;
  readonly remove: Step;
}

/** On the control plane; the driver has made sure that the node is the one that joined. */
export function removeSteps(nodeName: string, controlPlane: string, deadlines: Deadlines): RemoveSteps {
  return {
    drain: drainStep(nodeName, controlPlane, deadlines),
    remove: {
      id: `node-delete-${nodeName}`,
      title: `delete the node ${nodeName}`,
      machine: controlPlane,
      files: [],
      command: kubectl("delete", "node", nodeName),
      deadlineSeconds: seconds("kubectl", deadlines),
    },
  };
}
