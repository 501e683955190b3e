import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readHostRecord } from "../../drivers/embedded-host-record";
import { reachOf } from "../../drivers/reach";
import { sshRunner } from "../../drivers/ssh-runner";
import type { NodeOutput } from "../../plan/experiment-outputs";
import { Secret } from "../../plan/secret";
import { makeClone, outcome, succeeded, type Clone } from "../fixtures/clone";
import { REAL, STACK_CONFIGURATION } from "../fixtures/engine-image";

/**
 * Three experiments at once on one host: made at the same second, none reaches another, and one goes without the others. A second
 * checkout comes to the same host with a stack of the same name. Tiny image, or real.
 */

const MINUTE = 60_000;
const STACKS = ["one", "two", "three"] as const;
/** The tiny image has busybox' tools, the debian one those of the C library. */
const LOOK_UP = REAL ? ["getent", "ahostsv4"] : ["nslookup", "-type=a"];

type Stack = (typeof STACKS)[number];

interface Outputs {
  readonly libvirtUri: string;
  readonly nodes: readonly [NodeOutput];
  readonly sshPrivateKey: string;
  readonly kubeconfig: string;
}

let clone: Clone;
let outputs: Readonly<Record<Stack, Outputs>>;

const lab = (verb: string, stack: Stack, ...args: string[]) => clone.lab(verb, "--stack", stack, ...args);
const onNode = (stack: Stack, ...command: string[]) => lab("ssh", stack, "control-plane-0", "--", ...command);
const others = (stack: Stack) => STACKS.filter((each) => each !== stack);
/** One may reach beyond its network: the host forwards then, and only its firewall keeps the stacks apart. */
const ROUTED: Stack = "three";
const egress = (stack: Stack): string => (stack === ROUTED ? "  replikube:egress: nat\n" : "");
const stackFile = (folder: string, stack: Stack): void =>
  writeFileSync(join(folder, `Pulumi.${stack}.yaml`), `${STACK_CONFIGURATION}  replikube:workers: 0\n${egress(stack)}`);
const gatewayOf = (stack: Stack): string => outputs[stack].nodes[0].address.replace(/\d+$/, "1");
const domainIds = (stacks: readonly Stack[]) =>
  Promise.all(stacks.map((stack) => clone.virsh("domid", `replikube-${stack}-control-plane-0`)));
/** Of everything of stack one: libvirt's UUIDs, and the number of the run of its guest. */
const objectIds = () =>
  Promise.all([
    clone.virsh("domuuid", "replikube-one-control-plane-0"),
    clone.virsh("domid", "replikube-one-control-plane-0"),
    clone.virsh("net-uuid", "replikube-one"),
    clone.virsh("pool-uuid", "replikube-one"),
    clone.virsh("vol-list", "replikube-one"),
  ]);

/** Besides the node's own; getent asks no other. */
const asked = (stack: Stack): readonly string[] => (REAL ? [] : [gatewayOf(stack)]);
const ping = async (stack: Stack, address: string) =>
  (await onNode(stack, "ping", "-c", "1", "-W", "3", address)).exitCode;
const lookUp = async (stack: Stack, ...nameAndServer: string[]) =>
  (await onNode(stack, ...LOOK_UP, ...nameAndServer)).exitCode;

async function staysInside(stack: Stack): Promise<void> {
  const [node] = outputs[stack].nodes;
  expect(await ping(stack, gatewayOf(stack))).toBe(0);
  expect(await lookUp(stack, node.name)).toBe(0);
  for (const server of asked(stack)) expect(await lookUp(stack, node.name, server)).toBe(0);
  for (const other of others(stack)) {
    const [foreign] = outputs[other].nodes;
    expect(await ping(stack, foreign.address)).not.toBe(0);
    expect(await lookUp(stack, foreign.name)).not.toBe(0);
    for (const server of asked(other)) expect(await lookUp(stack, foreign.name, server)).not.toBe(0);
  }
}

async function outputsOf(stack: Stack): Promise<Outputs> {
  const shown = await clone.lab("pulumi", "stack", "output", "--stack", stack, "--json", "--show-secrets");
  succeeded(shown);
  return JSON.parse(shown.stdout);
}

beforeAll(async () => {
  clone = await makeClone();
  for (const stack of STACKS) stackFile(clone.folder, stack);
  const ups = await Promise.all(STACKS.map((stack) => lab("up", stack)));
  ups.forEach(succeeded);
  const [one, two, three] = await Promise.all([outputsOf("one"), outputsOf("two"), outputsOf("three")]);
  outputs = { one, two, three };
}, 40 * MINUTE);

afterAll(async () => clone.remove(), 5 * MINUTE);

test("each has addresses, keys and a cluster of its own", () => {
  const all = Object.values(outputs);
  const own = (value: (each: Outputs) => unknown) => new Set(all.map(value)).size;
  expect(own(({ nodes: [node] }) => node.address.split(".").slice(0, 3).join("."))).toBe(3);
  expect(own(({ sshPrivateKey }) => sshPrivateKey)).toBe(3);
  expect(own(({ kubeconfig }) => /certificate-authority-data: (\S+)/.exec(kubeconfig)?.[1])).toBe(3);
});

test(
  "no machine reaches another stack's machines, or knows its names, also where the host forwards; its own it does",
  async () => {
    const { namespace = "" } = readHostRecord(join(clone.folder, ".state/host/host.json")) ?? {};
    const forwards = await clone.run("ip", "netns", "exec", namespace, "cat", "/proc/sys/net/ipv4/ip_forward");
    expect(forwards.stdout.trim()).toBe("1");
    await Promise.all(STACKS.map(staysInside));
  },
  5 * MINUTE,
);

/** Fails where the machine does not let root in who has that key. */
async function logIn(stack: Stack, sshPrivateKey: string): Promise<number> {
  const { libvirtUri, nodes } = outputs[stack];
  const [{ name: machine, address, hostKey }] = nodes;
  const privateKey = new Secret(sshPrivateKey);
  const way = { machine, address, hostKey, reach: reachOf(libvirtUri), connectSeconds: 60 };
  const runner = sshRunner({ ...way, privateKey, user: "root" });
  const { exitCode } = await runner.run(["true"]).finally(() => runner.close());
  return exitCode;
}

test(
  "no stack's key opens another's machine; its own does",
  async () => {
    for (const stack of STACKS) {
      expect(await logIn(stack, outputs[stack].sshPrivateKey)).toBe(0);
      for (const other of others(stack)) {
        await expect(logIn(stack, outputs[other].sshPrivateKey)).rejects.toThrow("authentication methods failed");
      }
    }
  },
  2 * MINUTE,
);

test(
  "another checkout's stack of the same name is refused, goes without touching the first, and is told whose that is",
  async () => {
    const second = await makeClone();
    try {
      stackFile(second.folder, "one");
      const libvirtUri = await clone.virsh("uri");
      const there = (verb: string) =>
        second.run("env", `LIBVIRT_DEFAULT_URI=${libvirtUri}`, "./lab", verb, "--stack", "one");
      const theFirst = `that of stack one of project replikube in ${clone.folder}, id `;
      const before = await objectIds();

      const refused = outcome(await there("up"));
      expect(refused.exitCode).not.toBe(0);
      expect(refused.printed).toContain(`network replikube-one exists already and is ${theFirst}`);
      expect(refused.printed).toContain(`pool replikube-one exists already and is ${theFirst}`);
      // The first time its state says who it is, then nothing does.
      for (let time = 0; time < 2; time += 1) {
        const destroyed = succeeded(await there("destroy"));
        expect(destroyed).toContain(`left alone, because it is ${theFirst}`);
        expect(destroyed).toContain("stack one: nothing is left");
        expect(destroyed).not.toContain("virsh -c"); // as a command that removes it would begin
      }
      expect(await objectIds()).toEqual(before);
      expect((await onNode("one", "true")).exitCode).toBe(0);
    } finally {
      await second.remove();
    }
  },
  10 * MINUTE,
);

test(
  "destroying one leaves the others as they are",
  async () => {
    const before = await domainIds(["one", "three"]);
    expect(succeeded(await lab("destroy", "two"))).toContain("nothing is left");
    expect(await domainIds(["one", "three"])).toEqual(before);
    for (const stack of others("two")) {
      succeeded(await lab("refresh", stack, "--", "--expect-no-changes"));
      expect((await onNode(stack, "true")).exitCode).toBe(0);
    }
    expect((await clone.libvirtObjects()).filter((name) => name.includes("two"))).toEqual([]);
  },
  5 * MINUTE,
);

test(
  "the rest goes at once too",
  async () => {
    const destroyed = await Promise.all(others("two").map((stack) => lab("destroy", stack)));
    for (const result of destroyed) expect(succeeded(result)).toContain("nothing is left");
    expect(await clone.libvirtObjects()).toEqual([]);
  },
  5 * MINUTE,
);
