/** The experiment as it will stand: every machine and network with the values that nothing later may change. */
import type { Deadlines } from "./deadlines";
import type { ConfigurationPatch, Egress, Replacement, Taint } from "./experiment-config";
import type { NodeRole } from "./experiment-outputs";
import type { Foundation } from "./foundation";

export type Acceleration = "kvm" | "tcg";

/** What may change under a machine that stays the same. */
export interface MachineSize {
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly diskBytes: number;
}

export interface MachinePlan extends MachineSize {
  readonly role: NodeRole;
  /** Counts from 0 within the role. */
  readonly index: number;
  /** Host name and Kubernetes node name. */
  readonly nodeName: string;
  /** libvirt's names of the domain and of its root volume. */
  readonly domainName: string;
  readonly volumeName: string;
  readonly mac: string;
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** The host's file that the serial console is written to. */
  readonly consoleLog: string;
  /** A changed one is another machine. */
  readonly foundation: Foundation;
}

export interface NetworkPlan {
  readonly name: string;
  readonly bridge: string;
  /** The stack's /24. */
  readonly cidr: string;
  readonly gateway: string;
  /** DNS domain of the network; nodes resolve each other by bare name and by name.domain. */
  readonly domain: string;
  readonly egress: Egress;
}

export interface ClusterPlan {
  /** Name of the cluster in kubeadm's configuration and of the context in kubeconfig. */
  readonly name: string;
  /** With the leading v, from the image. */
  readonly kubernetesVersion: string;
  readonly podSubnet: string;
  readonly serviceSubnet: string;
  /** Address of the first control plane. */
  readonly endpointHost: string;
  readonly endpointPort: number;
  /** Manifest with the placeholders of ImageFacts.cni.manifest; empty when no CNI is to be applied. */
  readonly cniManifest: string;
  readonly criSocket: string;
  readonly imageRepository: string;
  readonly etcdImageTag: string;
  readonly corednsImageTag: string;
  readonly kubeadmPatch: ConfigurationPatch;
  readonly kubeletPatch: ConfigurationPatch;
}

export interface Topology extends Deadlines {
  readonly project: string;
  readonly stack: string;
  readonly acceleration: Acceleration;
  /** Of the workers. */
  readonly replace: Replacement;
  readonly network: NetworkPlan;
  readonly pool: { readonly name: string; readonly path: string };
  readonly cluster: ClusterPlan;
  readonly controlPlanes: readonly MachinePlan[];
  readonly workers: readonly MachinePlan[];
}
