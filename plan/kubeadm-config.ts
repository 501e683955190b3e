import { stringify } from "yaml";
import { patched, type OwnedKeys } from "./configuration-patch";
import { DEADLINES_FACTOR, deadlineSeconds, type Deadlines } from "./deadlines";
import { hasPatches, PATCH_FOLDER } from "./kubeadm-patches";
import type { Acceleration, ClusterPlan, MachinePlan } from "./topology";

/** The files that kubeadm is given (v1beta4), as text. Every value comes from the plan or from the image's facts. */

export type NodePlan = Pick<MachinePlan, "nodeName" | "role" | "address" | "labels" | "taints">;

export interface KubeadmContext {
  readonly cluster: ClusterPlan;
  readonly node: NodePlan;
  readonly acceleration: Acceleration;
}

const KUBEADM = "kubeadm.k8s.io/v1beta4";

/** kubeadm's own for control planes; a list of taints replaces it, so it is repeated. */
const CONTROL_PLANE_TAINT = { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" } as const;

/** What an emulated guest needs where kubeadm waits four minutes, or less, for a component. */
const EMULATED_TIMEOUTS = {
  controlPlaneComponentHealthCheck: "15m0s",
  kubeletHealthCheck: "10m0s",
  kubernetesAPICall: "5m0s",
  tlsBootstrap: "10m0s",
  discovery: "10m0s",
} as const;

const OWNED_CLUSTER_KEYS: OwnedKeys = {
  apiVersion: "kubeadm's file format follows the image",
  kind: "this is always the ClusterConfiguration",
  clusterName: "it is project and stack",
  kubernetesVersion: "the image carries exactly one version; change imageFlake or imageAttribute",
  controlPlaneEndpoint: "the plan gives the control plane its address",
  imageRepository: "the image carries its container images and says what they are called",
  "networking.podSubnet": "set podSubnet",
  "networking.serviceSubnet": "set serviceSubnet",
  "etcd.local.imageTag": "the image carries exactly one etcd",
  "etcd.external": "an experiment has its own etcd",
  "dns.imageTag": "the image carries exactly one CoreDNS",
};

const OWNED_KUBELET_KEYS: OwnedKeys = {
  apiVersion: "the kubelet's file format follows the image",
  kind: "this is always the KubeletConfiguration",
  cgroupDriver: "it must be containerd's, which the image configures",
  containerRuntimeEndpoint: "the image has exactly one container runtime",
};

const documents = (...values: readonly unknown[]): string =>
  values.map((value) => stringify(value, { lineWidth: 0, aliasDuplicateObjects: false })).join("---\n");

const nodeRegistration = ({ cluster, node }: KubeadmContext): Readonly<Record<string, unknown>> => ({
  name: node.nodeName,
  criSocket: cluster.criSocket,
  imagePullPolicy: "Never",
  taints: [...(node.role === "control-plane" ? [CONTROL_PLANE_TAINT] : []), ...node.taints],
  kubeletExtraArgs: [{ name: "node-ip", value: node.address }],
});

/** kubeadm's own, inside the deadline of the whole: what got longer than usual must not end by one of these. */
function timeouts(
  { acceleration }: KubeadmContext,
  name: "init" | "join",
  deadlines: Deadlines,
): Readonly<Record<string, unknown>> {
  const seconds = deadlineSeconds(name, deadlines);
  if (seconds > deadlineSeconds(name, { deadlinesFactor: DEADLINES_FACTOR[acceleration] })) {
    const names = Object.keys(EMULATED_TIMEOUTS);
    return { timeouts: Object.fromEntries(names.map((each) => [each, `${seconds}s`])) };
  }
  return acceleration === "tcg" ? { timeouts: EMULATED_TIMEOUTS } : {};
}

function clusterConfiguration({ cluster, acceleration }: KubeadmContext): Readonly<Record<string, unknown>> {
  // One control plane has nobody to elect against; an emulated one loses its leases to the next guest's boot and restarts.
  const alone = acceleration === "tcg" ? { extraArgs: [{ name: "leader-elect", value: "false" }] } : {};
  const ours = {
    apiVersion: KUBEADM,
    kind: "ClusterConfiguration",
    clusterName: cluster.name,
    kubernetesVersion: cluster.kubernetesVersion,
    controlPlaneEndpoint: `${cluster.endpointHost}:${cluster.endpointPort}`,
    imageRepository: cluster.imageRepository,
    networking: { podSubnet: cluster.podSubnet, serviceSubnet: cluster.serviceSubnet },
    ...(acceleration === "tcg"
      ? { encryptionAlgorithm: "ECDSA-P256", controllerManager: alone, scheduler: alone }
      : {}),
    ...(cluster.etcdImageTag === "" ? {} : { etcd: { local: { imageTag: cluster.etcdImageTag } } }),
    ...(cluster.corednsImageTag === "" ? {} : { dns: { imageTag: cluster.corednsImageTag } }),
  };
  return patched(ours, cluster.kubeadmPatch, OWNED_CLUSTER_KEYS, "kubernetes.kubeadm");
}

const kubeletConfiguration = ({ cluster }: KubeadmContext): Readonly<Record<string, unknown>> =>
  patched(
    {
      apiVersion: "kubelet.config.k8s.io/v1beta1",
      kind: "KubeletConfiguration",
      cgroupDriver: "systemd",
      // Not the stub: CoreDNS would ask itself.
      resolvConf: "/run/systemd/resolve/resolv.conf",
    },
    cluster.kubeletPatch,
    OWNED_KUBELET_KEYS,
    "kubernetes.kubelet",
  );

const KUBE_PROXY = { apiVersion: "kubeproxy.config.k8s.io/v1alpha1", kind: "KubeProxyConfiguration", mode: "nftables" };

/** For `kubeadm init`. Its own token is made by kubeadm, lives as short as it may, and is deleted right after. */
export const initConfigText = (context: KubeadmContext, deadlines: Deadlines): string =>
  documents(
    {
      apiVersion: KUBEADM,
      kind: "InitConfiguration",
      bootstrapTokens: [{ description: "made by kubeadm init, deleted after it", ttl: "15m0s" }],
      localAPIEndpoint: { advertiseAddress: context.node.address, bindPort: context.cluster.endpointPort },
      nodeRegistration: nodeRegistration(context),
      ...(hasPatches(context) && { patches: { directory: PATCH_FOLDER } }),
      ...timeouts(context, "init", deadlines),
    },
    clusterConfiguration(context),
    kubeletConfiguration(context),
    KUBE_PROXY,
  );

export interface JoinCredentials {
  /** Secret. */
  readonly token: string;
  /** `sha256:…` of the CA's public key. */
  readonly caCertHash: string;
}

/** For `kubeadm join`. Holds the token. */
export const joinConfigText = (
  context: KubeadmContext,
  { token, caCertHash }: JoinCredentials,
  deadlines: Deadlines,
): string =>
  documents({
    apiVersion: KUBEADM,
    kind: "JoinConfiguration",
    discovery: {
      bootstrapToken: {
        apiServerEndpoint: `${context.cluster.endpointHost}:${context.cluster.endpointPort}`,
        token,
        caCertHashes: [caCertHash],
      },
    },
    nodeRegistration: nodeRegistration(context),
    ...timeouts(context, "join", deadlines),
  });

const TOKEN_SECONDS = 15 * 60;

/** It outlives the join that it is for. */
function tokenLife(deadlines: Deadlines): string {
  const seconds = deadlineSeconds("join", deadlines);
  return seconds > TOKEN_SECONDS ? `${seconds}s` : "15m0s";
}

/** For `kubeadm token create`: the token must not stand in an argument list. */
export const tokenConfigText = (token: string, nodeName: string, deadlines: Deadlines): string =>
  documents({
    apiVersion: KUBEADM,
    kind: "InitConfiguration",
    bootstrapTokens: [
      {
        token,
        ttl: tokenLife(deadlines),
        description: `lets ${nodeName} join`,
        usages: ["signing", "authentication"],
        groups: ["system:bootstrappers:kubeadm:default-node-token"],
      },
    ],
  });
