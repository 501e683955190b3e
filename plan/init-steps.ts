import { createHash } from "node:crypto";
import {
  AFTER_INIT,
  cniMark,
  CONTROLLERS_STARTED,
  holds,
  INITIALISED,
  resetStep,
  succeedsAs,
  thenMarked,
  TOKENS_DELETED,
} from "./bootstrap-marks";
import { cniManifestText } from "./cni-manifest";
import { within, type Deadlines } from "./deadlines";
import { foundationOf, identityOf } from "./foundation";
import { initConfigText, type KubeadmContext } from "./kubeadm-config";
import { patchFiles } from "./kubeadm-patches";
import { labelStep } from "./node-steps";
import { shellLine } from "./shell";
import type { Step } from "./step";
import { ADMIN_KUBECONFIG, CA_CERTIFICATE, exists, kubectl, LIST_TOKENS, sh, threeTimes } from "./step-commands";

/** From a booted machine to a control plane, as steps on it. What it waits for is in plan/ready-steps.ts. */

const CONFIG_FOLDER = "/etc/kubernetes/replikube";
const INIT_CONFIG = `${CONFIG_FOLDER}/init.yaml`;

/**
 * Both give up after 10 s without a healthy API server, are then held in back-off, and take from it what it needs to start:
 * they start when it is. `wait-control-plane` would wait for them; kubeadm's other phases wait until the API server answers,
 * which it does before it is healthy (it has its roles to write).
 */
const CONTROLLERS = ["controller-manager", "scheduler"] as const;
const SKIPPED_PHASES = [...CONTROLLERS.map((name) => `control-plane/${name}`), "wait-control-plane"];

const IS_HEALTHY = kubectl("get", "--raw=/healthz");
const WHEN_HEALTHY = `{ until ${shellLine(IS_HEALTHY)} > /dev/null; do sleep 4; done; }`;

/** Its machine may have come back a moment ago, whatever is done on it already. */
export const healthyStep = (controlPlane: string, deadlines: Deadlines): Step => ({
  id: "init-healthy",
  title: "the API server is healthy",
  machine: controlPlane,
  files: [],
  command: sh(WHEN_HEALTHY),
  doneWhen: IS_HEALTHY,
  ...within("apiServer", deadlines),
});

/** Init tokens are of no use here: every join activates its own. Only the public id stands in the arguments. */
const DELETE_ALL_TOKENS = `${LIST_TOKENS} && printf '%s\\n' "$tokens" | sed -n 's/.*"token": *"\\([a-z0-9]\\{6\\}\\)\\..*/\\1/p' | while read -r id; do kubeadm --kubeconfig ${ADMIN_KUBECONFIG} token delete "$id" || exit 1; done`;

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

function cniStep({ cluster, node }: KubeadmContext, deadlines: Deadlines): readonly Step[] {
  const manifest = cniManifestText(cluster);
  if (manifest === "") return [];
  const path = `${CONFIG_FOLDER}/cni.yaml`;
  const mark = cniMark(sha256(manifest).slice(0, 16));
  return [
    {
      id: "cni-apply",
      title: "apply the CNI",
      machine: node.nodeName,
      files: [{ path, mode: 0o644, content: manifest, removeAfter: false }],
      command: sh(`${shellLine(kubectl("apply", "-f", path))} && touch ${mark}`),
      doneWhen: exists(mark),
      ...within("command", deadlines),
    },
  ];
}

/** Holds no secret. */
const initConfigFile = (context: KubeadmContext, deadlines: Deadlines): Step["files"][number] => ({
  path: INIT_CONFIG,
  mode: 0o600,
  content: initConfigText(context, deadlines),
  removeAfter: false,
});

/** Puts kubeadm's ConfigMaps back to what the plan says; what runs was made from it and is not touched. */
export const configurationStep = (context: KubeadmContext, deadlines: Deadlines): Step => ({
  id: "kubeadm-config-restore",
  title: "store kubeadm's configuration in the cluster again",
  machine: context.node.nodeName,
  files: [initConfigFile(context, deadlines)],
  command: ["kubeadm", "init", "phase", "upload-config", "all", "--config", INIT_CONFIG],
  ...within("command", deadlines),
});

const INIT = ["kubeadm", "init", "--config", INIT_CONFIG, "--skip-token-print"] as const;

export function initSteps(context: KubeadmContext, deadlines: Deadlines): readonly Step[] {
  const { cluster, node } = context;
  const initialised = { file: INITIALISED, text: foundationOf({ cluster, ...identityOf(node) }) };
  return [
    resetStep({ ...node, ...cluster, id: "kubeadm-init-reset" }, initialised, deadlines),
    {
      id: "kubeadm-init",
      title: `initialise the control plane on ${node.nodeName}`,
      machine: node.nodeName,
      files: [initConfigFile(context, deadlines), ...patchFiles(context)],
      command: succeedsAs([...INIT, `--skip-phases=${SKIPPED_PHASES.join(",")}`], initialised, AFTER_INIT),
      // Somebody may have reset it since.
      doneWhen: sh(`${shellLine(holds(initialised))} && test -f ${CA_CERTIFICATE}`),
      ...within("init", deadlines),
    },
    {
      id: "kubeadm-init-controllers",
      title: "start the controller manager and the scheduler once the API server is healthy",
      machine: node.nodeName,
      files: [],
      command: sh(
        thenMarked(
          `${WHEN_HEALTHY} && ${CONTROLLERS.map((name) => `kubeadm init phase control-plane ${name} --config ${INIT_CONFIG}`).join(" && ")}`,
          `touch ${CONTROLLERS_STARTED}`,
        ),
      ),
      doneWhen: exists(CONTROLLERS_STARTED),
      ...within("controllers", deadlines),
    },
    healthyStep(node.nodeName, deadlines),
    ...cniStep(context, deadlines),
    labelStep(node, node.nodeName, deadlines),
    {
      id: "init-token-delete",
      title: "delete the token that kubeadm init made",
      machine: node.nodeName,
      files: [],
      command: threeTimes(`${DELETE_ALL_TOKENS} && touch ${TOKENS_DELETED}`),
      doneWhen: exists(TOKENS_DELETED),
      ...within("command", deadlines),
    },
  ];
}
