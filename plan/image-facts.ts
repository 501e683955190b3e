/**
 * What is known of a node image by evaluating the flake, before anything is built: the attribute `imageFacts` of the flake,
 * and the same object under `facts` in the built image.json. docs/architecture.md has the image contract.
 */
export interface ImageFacts {
  readonly schema: 1;
  readonly flavour: "nixos" | "debian" | "tiny";
  /** Nix system, e.g. `x86_64-linux`. */
  readonly system: string;
  readonly boot: {
    readonly mode: "kernel";
    /** File names inside the image directory. */
    readonly disk: string;
    readonly kernel: string;
    readonly initrd: string;
    /** Kernel command line, words separated by one space. */
    readonly commandLine: string;
  };
  /** With the leading v, e.g. `v1.36.3`. */
  readonly kubernetesVersion: string;
  /** Container images in containerd's state, `name:tag`, sorted. */
  readonly containerImages: readonly string[];
  readonly cni: {
    readonly name: "flannel" | "none";
    /** Manifest with the placeholders @POD_SUBNET@, @API_SERVER_HOST@ and @API_SERVER_PORT@; empty for `none`. */
    readonly manifest: string;
  };
  readonly kubeadm: {
    readonly criSocket: string;
    /** `host:port/repository` prefix of the control plane images, e.g. registry.k8s.io. */
    readonly imageRepository: string;
    /** Tags that differ from kubeadm's own defaults; empty strings where they are kubeadm's. */
    readonly etcdImageTag: string;
    readonly corednsImageTag: string;
  };
  /** Host name rule, e.g. `{stack}-{role}-{index}`. */
  readonly nodeNameTemplate: string;
}
