/** Which image each role's machines are made from, and what two images of one cluster must agree in. */
import type { ExperimentConfig, ImageSettings } from "./experiment-config";
import type { NodeRole } from "./experiment-outputs";
import type { ImageFacts } from "./image-facts";
import type { Problem } from "./problems";

export const imageOf = (config: ExperimentConfig, role: NodeRole): ImageSettings =>
  config.images[role] ?? {
    flavour: config.imageFlavour,
    flake: config.imageFlake,
    attribute: config.imageAttribute,
  };

/** Do workers come from settings of their own? The images may still turn out to be one. */
export function workersHaveOwnImage(config: ExperimentConfig): boolean {
  const [ours, theirs] = [imageOf(config, "control-plane"), imageOf(config, "worker")];
  return (
    config.workers > 0 &&
    (ours.flavour !== theirs.flavour || ours.flake !== theirs.flake || ours.attribute !== theirs.attribute)
  );
}

/** In every image, so that something which runs on any node may ask for them. */
export const sharedContainerImages = (images: readonly ImageFacts[]): readonly string[] =>
  (images[0]?.containerImages ?? []).filter((name) => images.every((each) => each.containerImages.includes(name)));

const minorOf = (version: string): string => version.split(".").slice(0, 2).join(".");

/** kube-proxy and the CNI run on every node, CoreDNS on any. */
function neededEverywhere({ containerImages, cni }: ImageFacts, config: ExperimentConfig): readonly string[] {
  const manifest = config.cni === "flannel" ? cni.manifest : "";
  return containerImages.filter((name) => /\/(kube-proxy|coredns):/.test(name) || manifest.includes(name));
}

function disagreements(config: ExperimentConfig, cluster: ImageFacts, workers: ImageFacts): readonly string[] {
  if ((cluster.flavour === "tiny") !== (workers.flavour === "tiny")) {
    return ["one of the images is tiny, which has no real Kubernetes: take it for both roles or for none"];
  }
  const missing = neededEverywhere(cluster, config).filter((name) => !workers.containerImages.includes(name));
  return [
    // kubernetes.io, "Creating a cluster with kubeadm", version skew policy; an image has one version of kubeadm and kubelet.
    ...(minorOf(cluster.kubernetesVersion) === minorOf(workers.kubernetesVersion)
      ? []
      : [
          `the workers' image has Kubernetes ${workers.kubernetesVersion}, the control plane's ${cluster.kubernetesVersion}; kubeadm joins a node only to a cluster of its own minor version`,
        ]),
    ...(config.cni === "flannel" && workers.cni.name !== "flannel"
      ? [`the workers' image carries no flannel, only ${workers.cni.name}; set cni to none or to a manifest`]
      : []),
    ...(cluster.kubeadm.criSocket === workers.kubeadm.criSocket
      ? []
      : [
          `the workers' container runtime listens on ${workers.kubeadm.criSocket}, the control plane's on ${cluster.kubeadm.criSocket}`,
        ]),
    ...(missing.length === 0 || config.egress === "nat"
      ? []
      : [
          `the workers' image lacks ${missing.join(", ")}, which the control plane's image lets run on workers and nobody can pull; make both with the same versions, or set egress to nat`,
        ]),
  ];
}

export function imageProblems(
  config: ExperimentConfig,
  images: Readonly<Record<NodeRole, { readonly facts: ImageFacts }>>,
): readonly Problem[] {
  const [cluster, workers] = [images["control-plane"].facts, images.worker.facts];
  const two = workersHaveOwnImage(config);
  const roles: readonly NodeRole[] = two ? ["control-plane", "worker"] : ["control-plane"];
  const flavours = roles.flatMap((role) => {
    const { flavour } = imageOf(config, role);
    const says = images[role].facts.flavour;
    if (says === flavour) return [];
    const path = config.images[role] === undefined ? "imageFlavour" : `images.${role}.flavour`;
    return [{ path, text: `is ${flavour}, but the image says that it is ${says}` }];
  });
  const path = config.images.worker === undefined ? "images.control-plane" : "images.worker";
  return [
    ...(config.cni === "flannel" && cluster.cni.name !== "flannel"
      ? [
          {
            path: "cni",
            text: `the image carries no flannel, only ${cluster.cni.name}; set it to none or to a manifest`,
          },
        ]
      : []),
    ...flavours,
    ...(two ? disagreements(config, cluster, workers) : []).map((text) => ({ path, text })),
  ];
}
