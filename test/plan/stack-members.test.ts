import { stackMembers } from "../../plan/stack-members";

const urn = (name: string): string => `urn:pulumi:dev::replikube::some:type::${name}`;
const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:x" };
const access = { stack: "dev", libvirtUri: "qemu:///system", deadlinesFactor: 5, privateKey: SECRET };

const node = (name: string) => ({
  nodeName: `dev-${name}`,
  domainName: `replikube-dev-${name}`,
  address: "10.77.1.10",
  hostKey: "ssh-ed25519 AAAA",
  consoleLog: "/c.log",
  instance: `i-${name}`,
});

const domain = (name: string, more: object = {}) => ({
  urn: urn(name),
  type: "libvirt:index/domain:Domain",
  outputs: { name: `replikube-dev-${name}`, instance: `i-${name}`, memory: 256 },
  ...more,
});
const guest = (name: string, outputs: object = {}) => ({
  urn: urn(name),
  type: "pulumi-nodejs:dynamic/replikube:Guest",
  outputs: { ...node(name), ...access, observed: "ok", ...outputs },
});
const readiness = {
  controlPlane: node("control-plane-0"),
  nodes: [{ ...node("control-plane-0"), size: { vcpus: 1, memoryMiB: 256, diskBytes: 2 ** 30 } }],
  clusterInstance: "c-1",
  hasCni: true,
  probeImage: "busybox",
};
const ready = {
  urn: urn("cluster"),
  type: "pulumi-nodejs:dynamic/replikube:ClusterReady",
  outputs: { ...access, ...readiness, proofs: [] },
};
const network = { urn: urn("network"), type: "libvirt:index/network:Network", id: "n-1", outputs: { name: "net" } };
const pool = { urn: urn("pool"), type: "libvirt:index/pool:Pool", id: "p-1", outputs: { name: "pool" } };

const membersOf = (...resources: readonly object[]) => stackMembers(JSON.stringify({ deployment: { resources } }));

it("knows machines, network, pool and what readiness is, and no secret", () => {
  const members = membersOf(network, pool, domain("control-plane-0"), guest("control-plane-0"), ready);
  const { privateKey: _, ...visible } = access;
  expect(members).toEqual({
    deadlines: { deadlinesFactor: 5, deadlines: {} },
    networks: ["net"],
    pools: [{ name: "pool", uuid: "p-1" }],
    machines: [
      {
        role: "control-plane",
        domainName: "replikube-dev-control-plane-0",
        instance: "i-control-plane-0",
        guest: { ...node("control-plane-0"), ...visible, deadlines: {} },
      },
    ],
    readiness: { ...visible, deadlines: {}, ...readiness },
  });
  expect(JSON.stringify(members)).not.toContain("ciphertext");
});

it("knows a machine that never booted by its domain alone", () => {
  const [neverBooted, halfBooted] = membersOf(
    domain("worker-0"),
    domain("worker-1"),
    guest("worker-1", { hostKey: undefined }),
  ).machines;
  expect(neverBooted).toEqual({ role: "worker", domainName: "replikube-dev-worker-0", instance: "i-worker-0" });
  expect(halfBooted?.guest).toBeUndefined();
});

it("takes neither another machine's guest for its own nor what is only waiting to be deleted", () => {
  const { machines } = membersOf(
    domain("worker-0"),
    guest("worker-0", { instance: "i-before" }),
    domain("worker-1", { delete: true }),
  );
  expect(machines).toEqual([{ role: "worker", domainName: "replikube-dev-worker-0", instance: "i-worker-0" }]);
});

it("has nothing of an empty state", () => {
  expect(stackMembers('{"version":3,"deployment":{}}')).toEqual({
    deadlines: { deadlinesFactor: 5, deadlines: {} },
    networks: [],
    pools: [],
    machines: [],
  });
});

it("takes deadlines from the inputs, where an up that changed nothing else has left them", () => {
  const inputs = { ...access, deadlinesFactor: 2, deadlines: { boot: 600 } };
  const {
    deadlines,
    machines,
    readiness: is,
  } = membersOf(
    domain("control-plane-0"),
    { ...guest("control-plane-0", { deadlines: { boot: 60, join: 60 } }), inputs },
    { ...ready, inputs },
  );
  const now = { deadlinesFactor: 2, deadlines: { boot: 600 } };
  expect(deadlines).toEqual(now);
  expect(machines[0]?.guest).toMatchObject({ ...now, nodeName: "dev-control-plane-0" });
  expect(is).toMatchObject(now);
  expect(membersOf(domain("control-plane-0")).deadlines).toEqual({ deadlinesFactor: 5, deadlines: {} });
});

it("knows where a machine's console is that never booted to the end", () => {
  const consoles = [{ type: "file", sourcePath: "/lab/c.log" }];
  const booting = domain("worker-0", { outputs: { name: "d", instance: "i", consoles } });
  expect(membersOf(booting, domain("worker-1")).machines).toEqual([
    { role: "worker", domainName: "d", instance: "i", consoleLog: "/lab/c.log" },
    { role: "worker", domainName: "replikube-dev-worker-1", instance: "i-worker-1" },
  ]);
});
