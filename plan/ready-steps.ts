import { stringify } from "yaml";
import { kubectl, sh } from "./step-commands";
import { deadlineSeconds, within, type DeadlineName, type Deadlines } from "./deadlines";
import { shellLine } from "./shell";
import type { Step } from "./step";

/** What proves that a cluster is ready, as steps on its control plane, and which proofs an image has the means for. */

export interface ReadyPlan {
  readonly controlPlane: string;
  readonly nodeNames: readonly string[];
  /** False with `cni: none`: nodes stay NotReady until the user has brought a network. */
  readonly hasCni: boolean;
  /** Container image with a shell, wget, nslookup and httpd that the node image carries; empty when it has none. */
  readonly probeImage: string;
}

const NAMESPACE = "replikube-probe";
const MANIFEST = "/etc/kubernetes/replikube/probe.yaml";
const HTTP_PORT = 8080;

/** The probe image by its name: the tag is the image's affair. */
export const probeImageOf = (containerImages: readonly string[]): string =>
  containerImages.find((image) => /(^|\/)busybox:/.test(image)) ?? "";

const podName = (position: number): string => `probe-${position}`;

/** One pod on each node, past the scheduler and every taint, with its own name to be read by HTTP. */
const probeManifest = ({ nodeNames, probeImage }: ReadyPlan): string =>
  [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } },
    ...nodeNames.map((nodeName, position) => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: podName(position), namespace: NAMESPACE },
      spec: {
        nodeName,
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: 0,
        tolerations: [{ operator: "Exists" }],
        containers: [
          {
            name: "probe",
            image: probeImage,
            imagePullPolicy: "Never",
            command: ["sh", "-c", `echo ${podName(position)} > /tmp/index.html; exec httpd -f -p ${HTTP_PORT} -h /tmp`],
            volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
          },
        ],
        volumes: [{ name: "tmp", emptyDir: {} }],
      },
    })),
  ]
    .map((document) => stringify(document, { lineWidth: 0 }))
    .join("---\n");

const line = (...args: readonly string[]): string => shellLine(kubectl("-n", NAMESPACE, ...args));

/** Every pod asks CoreDNS for a service's name, and the next node's pod for its page. */
function podScript({ nodeNames }: ReadyPlan): string {
  const positions = nodeNames.map((_, position) => position);
  const remove = shellLine(kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait=false"));
  // An earlier proof's may still be on its way out, and takes nothing new then.
  const removed = shellLine(kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found"));
  const asks = positions.map((position) => {
    const next = podName((position + 1) % positions.length);
    const inPod = `nslookup kubernetes.default.svc.cluster.local > /dev/null && test "$(wget -q -T 10 -O - http://$0:${HTTP_PORT}/)" = ${next}`;
    return `address=$(${line("get", "pod", next, "-o")} 'jsonpath={.status.podIP}')
until ${line("exec", podName(position), "--")} sh -c '${inPod}' "$address"; do sleep 2; done
echo "${podName(position)} on ${nodeNames[position]} asked CoreDNS, and read ${next} at $address"`;
  });
  return `set -e
${removed}
trap '${remove}' EXIT
${shellLine(kubectl("apply", "-f", MANIFEST))}
${line("wait", "--for=condition=Ready", ...positions.map((position) => `pod/${podName(position)}`), "--timeout=24h")}
${asks.join("\n")}`;
}

/** Of nodes that a refresh saw cordoned: a node that takes no pods is not what was planned, whoever closed it. */
export const uncordonStep = (controlPlane: string, nodeNames: readonly string[], deadlines: Deadlines): Step => ({
  id: "nodes-uncordon",
  title: `open ${nodeNames.join(", ")} for pods again`,
  machine: controlPlane,
  files: [],
  command: kubectl("uncordon", ...nodeNames),
  ...within("command", deadlines),
});

export function readySteps(plan: ReadyPlan, deadlines: Deadlines): readonly Step[] {
  const step = (
    id: string,
    title: string,
    command: Step["command"],
    name: DeadlineName,
    files: Step["files"] = [],
  ): Step => ({
    id,
    title,
    machine: plan.controlPlane,
    files,
    command,
    ...within(name, deadlines),
  });
  const nodes = plan.nodeNames.map((name) => `node/${name}`);
  // The step's is a little over kubectl's own deadline, so that its message, which names the node, is the one that is seen.
  const timeout = (name: DeadlineName): string => `--timeout=${deadlineSeconds(name, deadlines) - 5}s`;
  if (!plan.hasCni) {
    return [
      step(
        "ready-registered",
        "all nodes are registered (no CNI, so none can be Ready)",
        kubectl("get", ...nodes),
        "nodeReady",
      ),
    ];
  }
  const ready = step(
    "ready-nodes",
    "all nodes are Ready",
    kubectl("wait", "--for=condition=Ready", ...nodes, timeout("nodeReady")),
    "nodeReady",
  );
  if (plan.probeImage === "") return [ready];
  const dns = kubectl("-n", "kube-system", "wait", "--for=condition=Available", "deployment/coredns", timeout("dns"));
  return [
    ready,
    step("ready-dns", "CoreDNS is available", dns, "dns"),
    step(
      "prove-pods",
      "CoreDNS answers from a pod on every node, and the pods reach each other",
      sh(podScript(plan)),
      "pods",
      [{ path: MANIFEST, mode: 0o644, content: probeManifest(plan), removeAfter: true }],
    ),
  ];
}
