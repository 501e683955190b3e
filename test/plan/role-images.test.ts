import type { ExperimentConfig } from "../../plan/experiment-config";
import type { ImageFacts } from "../../plan/image-facts";
import { imageProblems, sharedContainerImages, workersHaveOwnImage } from "../../plan/role-images";
import { experimentConfig, imageFacts } from "../fixtures/experiment";

const KUBE_PROXY = "registry.k8s.io/kube-proxy:v1.36.3";
const FLANNEL = "ghcr.io/flannel-io/flannel:v0.28.10";
const cluster: ImageFacts = {
  ...imageFacts,
  flavour: "debian",
  containerImages: [FLANNEL, "registry.k8s.io/kube-apiserver:v1.36.3", KUBE_PROXY],
  cni: { name: "flannel", manifest: `image: ${FLANNEL}\n` },
};
const own = { flavour: "debian", flake: "github:someone/lab", attribute: "mine" } as const;
const config: ExperimentConfig = { ...experimentConfig, imageFlavour: "debian", images: { worker: own } };

const problems = (workers: Partial<ImageFacts>, settings: Partial<ExperimentConfig> = {}): readonly string[] =>
  imageProblems(
    { ...config, ...settings },
    { "control-plane": { facts: cluster }, worker: { facts: { ...cluster, ...workers } } },
  ).map(({ path, text }) => `${path}: ${text}`);

test("workers have an image of their own when its source is another, and when there are workers", () => {
  expect(workersHaveOwnImage(experimentConfig)).toBe(false);
  expect(workersHaveOwnImage(config)).toBe(true);
  expect(workersHaveOwnImage({ ...config, images: { "control-plane": own } })).toBe(true);
  expect(workersHaveOwnImage({ ...config, images: { "control-plane": own, worker: own } })).toBe(false);
  expect(workersHaveOwnImage({ ...config, workers: 0 })).toBe(false);
});

test("what only one of them carries is in neither's common images", () => {
  const [one, other] = [
    ["a", "b"],
    ["b", "c"],
  ].map((containerImages) => ({ ...imageFacts, containerImages }));
  expect(sharedContainerImages([one ?? imageFacts, other ?? imageFacts])).toEqual(["b"]);
  expect(sharedContainerImages([one ?? imageFacts])).toEqual(["a", "b"]);
});

test("images with the same Kubernetes and CNI go together, whatever else is in them", () => {
  expect(problems({})).toEqual([]);
  expect(
    problems({
      flavour: "debian",
      kubernetesVersion: "v1.36.9",
      containerImages: [FLANNEL, KUBE_PROXY, "mine:1"],
      nodeNameTemplate: "w{index}",
    }),
  ).toEqual([]);
});

test.each(["v1.35.9", "v1.37.0", "v2.36.3"])("kubeadm does not join a node of %s to a cluster of 1.36", (version) => {
  expect(problems({ kubernetesVersion: version })).toEqual([
    `images.worker: the workers' image has Kubernetes ${version}, the control plane's v1.36.3; kubeadm joins a node only to a cluster of its own minor version`,
  ]);
});

test("what the cluster runs on every node must be in the workers' image, unless it can be pulled", () => {
  const other = { containerImages: ["registry.k8s.io/kube-proxy:v1.36.4"] };
  expect(problems(other)).toEqual([
    expect.stringContaining(`images.worker: the workers' image lacks ${FLANNEL}, ${KUBE_PROXY}, `),
  ]);
  expect(problems(other, { egress: "nat" })).toEqual([]);
  expect(problems({ containerImages: [KUBE_PROXY] }, { cni: "./mine.yaml" })).toEqual([]);
});

test("CNI and container runtime must be the control plane's", () => {
  const other = {
    cni: { name: "none", manifest: "" },
    kubeadm: { ...imageFacts.kubeadm, criSocket: "unix:///run/crio/crio.sock" },
  } as const;
  expect(problems(other)).toEqual([
    "images.worker: the workers' image carries no flannel, only none; set cni to none or to a manifest",
    "images.worker: the workers' container runtime listens on unix:///run/crio/crio.sock, the control plane's on unix:///run/containerd/containerd.sock",
  ]);
});

test("a role's image is of the flavour that its setting says, and a stand-in goes with stand-ins only", () => {
  expect(problems({ flavour: "nixos" })).toEqual([
    "images.worker.flavour: is debian, but the image says that it is nixos",
  ]);
  const tiny = { images: { worker: { ...own, flavour: "tiny" } } } as const;
  expect(problems({ flavour: "tiny" }, tiny)).toEqual([
    "images.worker: one of the images is tiny, which has no real Kubernetes: take it for both roles or for none",
  ]);
});

test("the problem is the setting's that makes the difference", () => {
  const images = { "control-plane": own };
  expect(problems({ kubernetesVersion: "v1.35.0" }, { images })).toEqual([
    expect.stringMatching(/^images\.control-plane: the workers' image has Kubernetes v1\.35\.0/),
  ]);
  expect(problems({ flavour: "nixos" }, { images })).toEqual([
    "imageFlavour: is debian, but the image says that it is nixos",
  ]);
});
