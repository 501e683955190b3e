import type { Deadlines } from "./deadlines";
import type { KubeadmContext } from "./kubeadm-config";
import type { MachineSize } from "./topology";

/** Inputs and outputs of the bootstrap's dynamic resources, shared by resources/ and drivers/. Nested values are plain, so that they lie in the state as they are. */

/** Where a machine is and how it proves that it is the one. All but `hostKey` and `instance` are planned, so previews show them. */
export interface NodeAccess {
  readonly nodeName: string;
  readonly domainName: string;
  readonly address: string;
  /** `ssh-ed25519 AAAA…` as the guest agent read it. */
  readonly hostKey: string;
  /** The host's file that the serial console is written to, for evidence. */
  readonly consoleLog: string;
  /** Of the domain: another value is another machine. */
  readonly instance: string;
}

export interface StackAccess extends Deadlines {
  readonly stack: string;
  readonly libvirtUri: string;
  /** Secret. OpenSSH format. */
  readonly privateKey: string;
}

/** What the last refresh saw, in words that are the same as long as the same is seen; anything but `ok` is repaired by the next up. */
export interface Observed {
  readonly observed: string;
}
export const OBSERVED_OK = "ok";
export const UNREACHABLE = "unreachable";
/** Who answers at the machine's address is not the machine that was made. */
export const FOREIGN_HOST_KEY = "foreign host key";

export interface GuestInputs extends StackAccess, Omit<NodeAccess, "hostKey"> {}

export interface GuestOutputs extends GuestInputs, Observed {
  readonly hostKey: string;
  readonly kernelSeconds: number;
  readonly userspaceSeconds: number;
}

export interface KubeadmInitInputs extends StackAccess, KubeadmContext {
  readonly controlPlane: NodeAccess;
  /** Of the control plane's domain. */
  readonly instance: string;
  /** Another value is another cluster: everything that joined the old one has to join again. See plan/foundation.ts. */
  readonly clusterInstance: string;
}

export interface KubeadmInitOutputs extends KubeadmInitInputs, Observed {
  /** `https://address:6443` */
  readonly endpoint: string;
  /** `sha256:…` of the CA's public key, as kubeadm takes it. */
  readonly caCertHash: string;
  /** Secret. */
  readonly kubeconfig: string;
  /** What kubeadm made of the plan and keeps in the cluster, by ConfigMap; nobody but a person changes it. */
  readonly configuration: ClusterConfigurations;
}

/** Names of ConfigMaps, and the YAML in each. */
export type ClusterConfigurations = Readonly<Record<string, string>>;

export interface JoinTokenInputs {
  /** Node that it is for. */
  readonly nodeName: string;
  /** Of the joining machine's domain. */
  readonly instance: string;
  readonly clusterInstance: string;
}

export interface JoinTokenOutputs extends JoinTokenInputs {
  /** Secret; worthless but for the minutes of the join. */
  readonly token: string;
}

export interface KubeadmJoinInputs extends StackAccess, KubeadmContext {
  readonly machine: NodeAccess;
  readonly controlPlane: NodeAccess;
  /** Of the joining machine's domain. */
  readonly instance: string;
  readonly clusterInstance: string;
  readonly caCertHash: string;
  /** Secret. */
  readonly token: string;
  /** It is not there before its node is Ready. Where a CNI is applied: no node is Ready without one. */
  readonly untilReady: boolean;
}

export interface KubeadmJoinOutputs extends KubeadmJoinInputs, Observed {
  /** Of the node object: delete removes no other. */
  readonly nodeUid: string;
}

export interface ClusterNode extends NodeAccess {
  /** That it has to run with. */
  readonly size: MachineSize;
}

export interface ClusterReadyInputs extends StackAccess {
  readonly controlPlane: NodeAccess;
  /** All nodes that there should be, control planes first; `instance` makes a replaced machine's node be proven again. */
  readonly nodes: readonly ClusterNode[];
  readonly clusterInstance: string;
  readonly hasCni: boolean;
  /** plan/ready-steps.ts: probeImageOf(facts.containerImages) */
  readonly probeImage: string;
}

export interface ClusterReadyOutputs extends ClusterReadyInputs, Observed {
  /** Ids of the steps that proved it, e.g. ready-nodes, ready-dns, prove-pods. */
  readonly proofs: readonly string[];
  /** ISO 8601: when the last proof held. */
  readonly readyAt: string;
  /** Nodes that the last refresh saw cordoned. The next up opens them. */
  readonly cordoned: readonly string[];
}

/** What a workload's command gets. It stays what it was for as long as the workload is not to run again. */
export interface WorkloadEnvironmentInputs {
  /** JSON. */
  readonly settings: string;
  readonly clusterInstance: string;
  readonly kubernetesVersion: string;
  readonly libvirtUri: string;
  /** Secret. */
  readonly kubeconfig: string;
}
