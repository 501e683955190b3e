import { stringify } from "yaml";
import type { KubeadmContext } from "./kubeadm-config";
import type { StepFile } from "./step";

/** Patches of the static pods that kubeadm writes (its `patches.directory`), where its own values do not fit. */

export const PATCH_FOLDER = "/etc/kubernetes/replikube/patches";

const COMPONENTS = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"] as const;

/**
 * kubeadm lets a component be silent for 80 s (8 probes, 10 s apart, of 15 s each), and start within 240 s. An emulated
 * guest on a busy host was slower than that, and an API server that the kubelet restarts then is slower still.
 */
const PATIENT = {
  livenessProbe: { failureThreshold: 30, timeoutSeconds: 60 },
  startupProbe: { failureThreshold: 90, timeoutSeconds: 60 },
} as const;

export const hasPatches = ({ acceleration }: Pick<KubeadmContext, "acceleration">): boolean => acceleration === "tcg";

const patchOf = (component: (typeof COMPONENTS)[number]): string =>
  stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: component, namespace: "kube-system" },
    spec: { containers: [{ name: component, ...PATIENT }] },
  });

export const patchFiles = (context: Pick<KubeadmContext, "acceleration">): readonly StepFile[] =>
  hasPatches(context)
    ? COMPONENTS.map((component) => ({
        path: `${PATCH_FOLDER}/${component}+strategic.yaml`,
        mode: 0o644,
        content: patchOf(component),
        removeAfter: false,
      }))
    : [];
