import type { ExperimentOutputs } from "../../plan/experiment-outputs";
import { timelineView } from "../../plan/timeline-view";
import { upSummary } from "../../plan/up-summary";
import "../golden-matcher";

const outputs: ExperimentOutputs = {
  kubernetesVersion: "v1.36.3",
  image: { flavour: "debian", path: "/nix/store/abc-node-image-debian" },
  libvirtUri: "qemu:///system",
  endpoint: "https://10.77.1.10:6443",
  nodes: [
    {
      name: "dev-control-plane-0",
      domain: "replikube-dev-control-plane-0",
      role: "control-plane",
      index: 0,
      address: "10.77.1.10",
      hostKey: "ssh-ed25519 AAAA",
    },
    {
      name: "dev-worker-0",
      domain: "replikube-dev-worker-0",
      role: "worker",
      index: 0,
      address: "10.77.1.20",
      hostKey: "ssh-ed25519 BBBB",
    },
  ],
  kubeconfig: "THE KUBECONFIG",
  sshPrivateKey: "THE KEY",
};

const timeline = timelineView(
  [
    ["boot", "2026-11-24T09:00:40Z", 40],
    ["kubeadm-init", "2026-11-24T09:02:00Z", 79.5],
  ].map(([step, at, seconds]) => ({
    at: String(at),
    stack: "dev",
    machine: "dev-control-plane-0",
    step: String(step),
    title: String(step),
    event: "finished" as const,
    seconds: Number(seconds),
    run: "r",
  })),
  "r",
);

test("after an up that did something", () => {
  expect(upSummary({ stack: "dev", outputs, timeline })).toBeGolden("up-summary/did-something.txt");
});

test("after an up with nothing to do, on another stack than the default", () => {
  expect(upSummary({ stack: "two", outputs })).toBeGolden("up-summary/nothing-to-do.txt");
});

test("machines that are off are the first thing to know, whatever was done", () => {
  const summary = upSummary({ stack: "two", outputs, timeline, off: ["dev-worker-0"] });
  expect(summary).toContain("\nNOT RUNNING: dev-worker-0; ./lab start --stack two switches on what is off\n");
  expect(summary).not.toContain("ready after");
});

test("workers with an image of their own", () => {
  const image = { flavour: "nixos", path: "/nix/store/def-node-image" };
  const nodes = outputs.nodes.map((node) => (node.role === "worker" ? { ...node, image } : node));
  expect(
    upSummary({ stack: "dev", outputs: { ...outputs, nodes } })
      .split("\n")
      .slice(0, 3),
  ).toEqual([
    "stack dev: Kubernetes v1.36.3, 2 nodes, image debian /nix/store/abc-node-image-debian",
    "workers from image nixos /nix/store/def-node-image",
    "",
  ]);
});

test("no secret is in it", () => {
  expect(upSummary({ stack: "dev", outputs, timeline })).not.toMatch(/THE K/);
});
