import "../golden-matcher";
import { planTopology, type PlanInputs } from "../../plan/plan-topology";
import { PlanError } from "../../plan/problems";
import { experimentConfig, imageFacts, oneImage } from "../fixtures/experiment";

const inputs: PlanInputs = {
  project: "replikube",
  stack: "dev",
  checkout: "/checkout",
  config: experimentConfig,
  images: oneImage(),
  cidr: "10.77.5.0/24",
  acceleration: "tcg",
  libvirtUri: "qemu:///system",
};

test("the whole of a small experiment", () => {
  expect(`${JSON.stringify(planTopology(inputs), null, 2)}\n`).toBeGolden(
    "topology/one-control-plane-two-workers.json",
  );
});

test("a worker that is added changes nothing that is there", () => {
  const before = planTopology(inputs);
  const after = planTopology({ ...inputs, config: { ...experimentConfig, workers: 3 } });
  expect({ ...after, workers: after.workers.slice(0, 2) }).toEqual(before);
  expect(after.workers).toHaveLength(3);
});

test("as many machines as a /24 holds have addresses of their own inside it", () => {
  const { controlPlanes, workers } = planTopology({ ...inputs, config: { ...experimentConfig, workers: 235 } });
  const addresses = [...controlPlanes, ...workers].map(({ address }) => address);
  expect(new Set(addresses).size).toBe(236);
  expect(addresses.at(-1)).toBe("10.77.5.254");
});

test("a pool's folder of one's own is called as libvirt calls it", () => {
  const { pool } = planTopology({ ...inputs, config: { ...experimentConfig, poolPath: "/data//pool/" } });
  expect(pool.path).toBe("/data/pool");
});

const factor = (changes: Partial<PlanInputs>): number => planTopology({ ...inputs, ...changes }).deadlinesFactor;

test("with KVM deadlines are as planned, emulated they are stretched, and a setting beats both", () => {
  expect(factor({ acceleration: "kvm" })).toBe(1);
  expect(factor({ acceleration: "tcg" })).toBe(5);
  expect(factor({ config: { ...experimentConfig, deadlinesFactor: 2 } })).toBe(2);
});

const manifest = (cni: string): string =>
  planTopology({ ...inputs, config: { ...experimentConfig, cni }, cniManifest: "mine" }).cluster.cniManifest;

test("the CNI is the image's, the user's, or none", () => {
  expect([manifest("flannel"), manifest("none"), manifest("./mine.yaml")]).toEqual([
    imageFacts.cni.manifest,
    "",
    "mine",
  ]);
});

test("the network's DNS domain is a DNS name, whatever the stack is called", () => {
  const { network } = planTopology({
    ...inputs,
    stack: "A_b.c",
    config: { ...experimentConfig, nodeNameTemplate: "{role}-{index}" },
  });
  expect(network.domain).toBe("replikube-a-b-c.internal");
});

const plan = (): unknown =>
  planTopology({
    ...inputs,
    stack: "Dev_1",
    images: oneImage({ ...imageFacts, flavour: "debian", cni: { name: "none", manifest: "" } }),
  });

test("every problem with the image and the stack's name comes in one error", () => {
  expect(plan).toThrow(PlanError);
  expect(plan).toThrow(
    [
      "this experiment cannot be planned:",
      '  nodeNameTemplate: makes the host name "Dev_1-control-plane-0" for stack Dev_1, which must be lower-case letters, digits and inner hyphens',
      "  cni: the image carries no flannel, only none; set it to none or to a manifest",
      "  imageFlavour: is tiny, but the image says that it is debian",
    ].join("\n"),
  );
});
