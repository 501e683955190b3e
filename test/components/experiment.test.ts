import { POOL_URN_END } from "../../plan/stack-pool";
import { dynamic, makeExperiment, type Made } from "../fixtures/made-experiment";
import { experimentConfig, imageFacts, oneImage } from "../fixtures/experiment";

/** What the components make of a plan: which resources, under which names, with which inputs and options. */

let made: readonly Made[] = [];
let urns: readonly string[] = [];
let only: (type: string, name?: string) => Made;

beforeAll(async () => {
  const config = { ...experimentConfig, workload: { manifests: ["a.yaml"], command: "true" } };
  ({ made, urns, only } = await makeExperiment(config, oneImage()));
});

test("a stack of one control plane and two workers has exactly these resources", () => {
  const names = made
    .filter(({ type }) => !type.startsWith("replikube:") && !type.startsWith("pulumi:"))
    .map(({ type, name }) => `${type.split(":").at(-1) ?? ""} ${name}`)
    .sort();
  expect(names).toEqual(
    [
      "RandomId stack-id",
      "StackKey stack-key",
      "NixBuild node-image",
      "Network network",
      "Pool pool",
      ...["control-plane-0", "worker-0", "worker-1"].flatMap((name) => [
        `Volume ${name}`,
        `Domain ${name}`,
        `Guest ${name}`,
      ]),
      "KubeadmInit cluster",
      ...[0, 1].flatMap((index) => [`JoinToken cluster-worker-${index}`, `KubeadmJoin cluster-worker-${index}`]),
      "ClusterReady cluster",
      "WorkloadEnvironment workload",
      "Command workload",
    ].sort(),
  );
});

test("the pool is the one by whose URN a stack's pool is known before it has a mark", () => {
  expect(urns.filter((urn) => urn.includes("libvirt:index/pool:Pool"))).toEqual([
    `urn:pulumi:dev::replikube::${POOL_URN_END}`,
  ]);
});

test("the image's inputs are its source and what was evaluated, and nothing that the stack does not use", () => {
  const { __provider, ...inputs } = only(dynamic("NixBuild"), "node-image").inputs;
  expect(inputs).toEqual({
    stack: "dev",
    flake: ".",
    attribute: "node-image-tiny",
    flavour: "tiny",
    drvPath: "/nix/store/a.drv",
    outPath: "/nix/store/a",
    facts: imageFacts,
  });
});

test("the network knows every machine by MAC, address and name, and has a router for its isolated guests", () => {
  const { inputs } = only("libvirt:index/network:Network");
  expect(inputs).toMatchObject({ mode: "none", addresses: ["10.77.1.0/24"], stackId: "c0ffee" });
  expect(inputs["dhcpHosts"]).toEqual([
    expect.objectContaining({ ip: "10.77.1.10", name: "dev-control-plane-0" }),
    expect.objectContaining({ ip: "10.77.1.20", name: "dev-worker-0" }),
    expect.objectContaining({ ip: "10.77.1.21", name: "dev-worker-1" }),
  ]);
  expect(inputs["dnsmasqOptions"]).toEqual({
    options: [{ optionName: "dhcp-option", optionValue: "3,10.77.1.1" }],
  });
});

test("a machine boots the image's kernel on an overlay of the image's disk, and gets public credentials only", () => {
  expect(only("libvirt:index/volume:Volume", "worker-0").inputs).toMatchObject({
    baseFile: "/nix/store/a/disk.qcow2",
    format: "qcow2",
  });
  const { inputs } = only("libvirt:index/domain:Domain", "worker-0");
  expect(inputs).toMatchObject({
    type: "qemu",
    cpu: { mode: "maximum", disabledFeatures: ["cx16"] },
    kernel: "/nix/store/a/vmlinuz",
    disks: [{ volumeId: "worker-0-id" }],
    networkInterfaces: [{ networkId: "network-id" }],
    credentials: { "system.hostname": "dev-worker-0", "ssh.authorized_keys.root": "ssh-ed25519 AAAA" },
  });
  expect(JSON.stringify(inputs)).not.toContain("PRIVATE");
});

const triggersOf = (machine: string) => only("libvirt:index/volume:Volume", machine).inputs["triggers"];

test("a worker's disk is as good as the control plane's that its cluster was made on, which has no such reason", () => {
  const own = { publicKey: "ssh-ed25519 AAAA", network: "network-id", acceleration: "tcg" };
  for (const worker of ["worker-0", "worker-1"]) {
    expect(triggersOf(worker)).toMatchObject({ ...own, founder: "control-plane-0-disk" });
  }
  expect(triggersOf("control-plane-0")).toMatchObject(own);
  expect(triggersOf("control-plane-0")).not.toHaveProperty("founder");
});

test("instance, cluster instance, CA hash and token chain from the control plane to the workers", () => {
  expect(only(dynamic("KubeadmInit")).inputs).toMatchObject({ instance: "i-1", cluster: { endpointPort: 6443 } });
  expect(only(dynamic("JoinToken"), "cluster-worker-1").inputs).toMatchObject({
    instance: "i-1",
    clusterInstance: "c-1",
    nodeName: "dev-worker-1",
  });
  expect(only(dynamic("KubeadmJoin"), "cluster-worker-1").inputs).toMatchObject({
    instance: "i-1",
    clusterInstance: "c-1",
    caCertHash: "sha256:00",
    machine: { nodeName: "dev-worker-1", address: "10.77.1.21", hostKey: "ssh-ed25519 HOST" },
    controlPlane: { nodeName: "dev-control-plane-0" },
    untilReady: false,
  });
});

test("readiness is claimed for every node", () => {
  expect(only(dynamic("ClusterReady")).inputs).toMatchObject({
    nodes: ["dev-control-plane-0", "dev-worker-0", "dev-worker-1"].map((nodeName) => ({ nodeName, instance: "i-1" })),
    hasCni: true,
  });
});

test("what a dynamic resource keeps of its provider stays small and requires its code when it is called", () => {
  const kept = made.flatMap(({ inputs }) => (typeof inputs["__provider"] === "string" ? [inputs["__provider"]] : []));
  expect(kept.length).toBeGreaterThan(5);
  for (const text of kept) {
    expect(text.length).toBeLessThan(4000);
    expect(text).toContain('require("./bin/');
  }
});
