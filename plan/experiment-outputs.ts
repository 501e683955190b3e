/**
 * What a stack tells the world: the outputs of index.ts, and all that the verbs of ./lab know about a running cluster.
 * The program exports exactly this; cli/stack-outputs.ts reads it back.
 */
export type NodeRole = "control-plane" | "worker";

export interface ImageOutput {
  readonly flavour: string;
  readonly path: string;
}

export interface NodeOutput {
  /** Host name and Kubernetes node name. */
  readonly name: string;
  /** libvirt domain name. */
  readonly domain: string;
  readonly role: NodeRole;
  /** Counts from 0 within the role. */
  readonly index: number;
  readonly address: string;
  /** `ssh-ed25519 AAAA…` as the guest agent read it. */
  readonly hostKey: string;
  /** Absent: the stack's. */
  readonly image?: ImageOutput | undefined;
}

export interface ExperimentOutputs {
  /** With the leading v. */
  readonly kubernetesVersion: string;
  /** Of the control plane, and of every node that names no other. */
  readonly image: ImageOutput;
  readonly libvirtUri: string;
  /** `https://address:6443` */
  readonly endpoint: string;
  readonly nodes: readonly NodeOutput[];
  /** Secret. */
  readonly kubeconfig: string;
  /** Secret; OpenSSH format, root on every node. */
  readonly sshPrivateKey: string;
}
