/** What a user asks for, after validation and defaults: the result of config/load.ts and the first input of the plan. */
import type { OwnDeadlines } from "./deadlines";
import type { NodeRole } from "./experiment-outputs";

export type ImageFlavour = "nixos" | "debian" | "tiny";
export type AccelerationSetting = "auto" | "kvm" | "tcg";
export type Replacement = "parallel" | "rolling";
export type Egress = "none" | "nat";

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

/** A part of a Kubernetes configuration file, merged over ours: objects by key, everything else replaces. */
export type ConfigurationPatch = Readonly<Record<string, unknown>>;

/** What the machines of a role are made from. */
export interface ImageSettings {
  readonly flavour: ImageFlavour;
  /** Flake reference, `.` or a path or an URL. */
  readonly flake: string;
  /** Package attribute of the flake that builds the image directory. */
  readonly attribute: string;
}

/** Settings of Nix by name, as nix.conf has them. */
export type NixSettings = Readonly<Record<string, string>>;

export interface RoleSettings {
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
}

export interface KubernetesSettings {
  /** Patch of kubeadm's ClusterConfiguration. */
  readonly kubeadm: ConfigurationPatch;
  /** Patch of the KubeletConfiguration. */
  readonly kubelet: ConfigurationPatch;
  readonly roles: Readonly<Record<NodeRole, RoleSettings>>;
}

export interface WorkloadSettings {
  /** Paths of manifest files, relative to the project. */
  readonly manifests: readonly string[];
  /** Shell line with KUBECONFIG set; empty for none. */
  readonly command: string;
}

export interface ExperimentConfig {
  readonly imageFlavour: ImageFlavour;
  /** Flake reference, `.` or a path or an URL. */
  readonly imageFlake: string;
  /** Package attribute of the flake that builds the image directory. */
  readonly imageAttribute: string;
  /** Of the roles that have another image than the stack's. */
  readonly images: Readonly<Partial<Record<NodeRole, ImageSettings>>>;
  /** For every call of Nix about an image. */
  readonly nixSettings: NixSettings;
  readonly controlPlanes: number;
  readonly workers: number;
  readonly controlPlaneVcpus: number;
  readonly controlPlaneMemoryMiB: number;
  readonly workerVcpus: number;
  readonly workerMemoryMiB: number;
  readonly diskGiB: number;
  readonly replace: Replacement;
  /** Absent: the image's own. */
  readonly nodeNameTemplate?: string;
  /** The stack's /24 is taken from here. */
  readonly cidrPool: string;
  readonly podSubnet: string;
  readonly serviceSubnet: string;
  /** `flannel`, `none`, or the path of a manifest. */
  readonly cni: string;
  readonly acceleration: AccelerationSetting;
  /** Multiplies every default of a deadline; absent: by acceleration. */
  readonly deadlinesFactor?: number;
  /** Seconds, by name. */
  readonly deadlines: OwnDeadlines;
  readonly egress: Egress;
  readonly libvirtUri?: string;
  readonly poolPath?: string;
  /** How long the stack may be there after its last up, e.g. `8h`: the affair of ./lab, no resource knows it. */
  readonly ttl?: string;
  readonly kubernetes: KubernetesSettings;
  readonly workload?: WorkloadSettings;
}
