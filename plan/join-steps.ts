import { holds, JOINED, leaveStep, resetStep, succeedsAs } from "./bootstrap-marks";
import { within, type Deadlines } from "./deadlines";
import { joinConfigText, tokenConfigText, type JoinCredentials, type KubeadmContext } from "./kubeadm-config";
import { labelStep, nodeReadyStep } from "./node-steps";
import type { Step } from "./step";
import { ADMIN_KUBECONFIG, LIST_TOKENS, threeTimes } from "./step-commands";

/** From a booted machine to a node of a cluster, as steps on it and on the control plane. */

/** The part of a token that may be seen. */
const tokenId = (token: string): string => token.slice(0, 6);

export interface JoinPlan {
  readonly context: KubeadmContext;
  readonly credentials: JoinCredentials;
  /** Node name of the control plane that the token is activated on. */
  readonly controlPlane: string;
  /** Of the joining machine's domain. */
  readonly instance: string;
  readonly untilReady: boolean;
}

export interface JoinSteps {
  readonly reset: Step;
  /** When the machine joined and the cluster has no such node. */
  readonly leave: Step;
  /** On the control plane, just before the join. */
  readonly activate: Step;
  readonly join: Step;
  /** On the control plane, whatever became of the join. */
  readonly deactivate: Step;
  /** On the control plane, once the node is known. */
  readonly settle: readonly Step[];
}

/** A CA is made once for a cluster. */
const caDigits = ({ caCertHash }: JoinCredentials): string => caCertHash.replace(/^sha256:/, "").slice(0, 16);

export function joinSteps(plan: JoinPlan, deadlines: Deadlines): JoinSteps {
  const { context, credentials, controlPlane, instance, untilReady } = plan;
  const { cluster, node } = context;
  const { nodeName } = node;
  const id = tokenId(credentials.token);
  const joined = { file: JOINED, text: `cluster ${caDigits(credentials)} machine ${instance}` };
  const tokenFile = `/run/replikube-token-${nodeName}.yaml`;
  const joinFile = "/run/replikube-join.yaml";
  const create = `kubeadm --kubeconfig ${ADMIN_KUBECONFIG} token create --config ${tokenFile} > /dev/null`;
  const remove = `kubeadm --kubeconfig ${ADMIN_KUBECONFIG} token delete ${id}`;
  return {
    reset: resetStep({ ...node, ...cluster, id: "kubeadm-join-reset" }, joined, deadlines),
    leave: leaveStep({ ...node, ...cluster, id: "kubeadm-leave" }, joined, deadlines),
    activate: {
      id: `token-activate-${nodeName}`,
      title: `activate the token of ${nodeName}`,
      machine: controlPlane,
      files: [
        {
          path: tokenFile,
          mode: 0o600,
          content: tokenConfigText(credentials.token, nodeName, deadlines),
          removeAfter: true,
        },
      ],
      // One that a killed run left behind may have a minute to live: it is made anew.
      command: threeTimes(`${create} || { ${remove} && ${create}; }`),
      ...within("command", deadlines),
    },
    join: {
      id: "kubeadm-join",
      title: `join ${nodeName}`,
      machine: nodeName,
      files: [
        { path: joinFile, mode: 0o600, content: joinConfigText(context, credentials, deadlines), removeAfter: true },
      ],
      command: succeedsAs(["kubeadm", "join", "--config", joinFile], joined),
      doneWhen: holds(joined),
      ...within("join", deadlines),
    },
    deactivate: {
      id: `token-delete-${nodeName}`,
      title: `delete the token of ${nodeName}`,
      machine: controlPlane,
      files: [],
      // Already gone (it ran out, or a killed run got this far) is as good.
      command: threeTimes(`${remove} || { ${LIST_TOKENS} && ! printf '%s\\n' "$tokens" | grep -q '"${id}\\.'; }`),
      ...within("command", deadlines),
    },
    settle: [
      labelStep(node, controlPlane, deadlines),
      ...(untilReady && cluster.cniManifest !== "" ? [nodeReadyStep(nodeName, controlPlane, deadlines)] : []),
    ],
  };
}
