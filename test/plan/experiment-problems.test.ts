import { experimentProblems } from "../../plan/experiment-problems";
import type { ExperimentConfig } from "../../plan/experiment-config";
import { experimentConfig } from "../fixtures/experiment";

const stack = { project: "replikube", stack: "dev" };

const problems = (changes: Partial<ExperimentConfig>): readonly string[] =>
  experimentProblems({ ...experimentConfig, ...changes }, stack).map(({ path, text }) => `${path}: ${text}`);

test("a sound experiment has none", () => expect(problems({})).toEqual([]));

test("machines, pods and services each need addresses of their own", () => {
  expect(problems({ podSubnet: "10.0.0.0/8" })).toEqual([
    "podSubnet: 10.0.0.0/8 overlaps cidrPool 10.77.0.0/16; machines, pods and services each need addresses of their own",
    "serviceSubnet: 10.96.0.0/16 overlaps podSubnet 10.0.0.0/8; machines, pods and services each need addresses of their own",
  ]);
});

test("a stack's block holds so many machines and no more", () => {
  expect(problems({ workers: 235 })).toEqual([]);
  expect(problems({ workers: 236 })).toEqual([
    "workers: expected at most 235, the room for workers in a stack's /24, got 236",
  ]);
});

test("every node needs a block of pod addresses, and the stack a /24 of the pool", () => {
  expect(problems({ podSubnet: "10.244.0.0/23", cidrPool: "10.77.0.0/25" })).toEqual([
    "cidrPool: holds 0 blocks of /24, expected room for 1 stacks",
    "podSubnet: holds 2 blocks of /24, expected room for 3 nodes",
  ]);
});

test("only one control plane for now", () => {
  expect(problems({ controlPlanes: 3 })).toEqual(["controlPlanes: expected at most 1, got 3"]);
});

test("kubeadm's own limits are told before a machine boots, unless there is no real kubeadm", () => {
  expect(problems({ controlPlaneVcpus: 1 })).toEqual([]);
  expect(problems({ imageFlavour: "debian", controlPlaneVcpus: 1 })).toEqual([
    "controlPlaneVcpus: kubeadm asks for at least 2 on a control plane, got 1",
    "controlPlaneMemoryMiB: kubeadm asks for at least 1700 on a control plane, got 512",
  ]);
});

test("those limits are the control plane's image's affair", () => {
  const tiny = { flavour: "tiny", flake: ".", attribute: "node-image-tiny" } as const;
  expect(problems({ imageFlavour: "debian", images: { "control-plane": tiny } })).toEqual([]);
  expect(problems({ imageFlavour: "tiny", images: { "control-plane": { ...tiny, flavour: "debian" } } })).toEqual([
    "controlPlaneMemoryMiB: kubeadm asks for at least 1700 on a control plane, got 512",
  ]);
});

test("images are in a store of this machine", () => {
  expect(problems({ nixSettings: { store: "/srv", builders: "ssh://builder" } })).toEqual([]);
  expect(problems({ nixSettings: { store: "ssh-ng://builder" } })).toEqual([
    "nixSettings.store: ssh-ng://builder names no store with files on this machine, which libvirt needs; leave store at auto, and name another machine that is to build in builders: the image comes here then",
  ]);
});

test("node names must be host names, each its own", () => {
  expect(problems({ nodeNameTemplate: "Node-{role}" })).toEqual([
    'nodeNameTemplate: makes the host name "Node-control-plane" for stack dev, which must be lower-case letters, digits and inner hyphens',
    'nodeNameTemplate: gives more than one machine the name "Node-worker"; use {role} and {index}',
  ]);
});

test("settings that are wrong by themselves are somebody else's to tell", () => {
  expect(experimentProblems({}, stack)).toEqual([]);
  expect(problems({ podSubnet: "nonsense" })).toEqual([]);
});
