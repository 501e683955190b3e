import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { GarbageReport } from "../../plan/garbage-report";
import { stackDirectory } from "../../plan/plan-topology";
import { makeClone, succeeded, type Clone } from "../fixtures/clone";
import { REAL, STACK_CONFIGURATION } from "../fixtures/engine-image";
import { previewedUp, type PreviewedUp } from "../fixtures/engine-steps";
import { timelineEvents } from "../fixtures/killed-up";
import { LOST, loseStack } from "../fixtures/lost-stack";
import { lookAtNode, type SeenNode } from "../fixtures/seen-node";
import { momentsOf } from "../fixtures/timeline-moments";

/**
 * A cluster's life, each change previewed and then made: both must tell the same. Real guests of the tiny image, or of the
 * debian one with ENGINE_IMAGE=debian, which takes half an hour.
 */

const MINUTE = 60_000;
const STACK = "tiny";
/** A file that both has a comment and goes into the image as it is. */
const IMAGE_SOURCE = REAL ? "nix/debian/files/resolved.conf" : "nix/tiny/files/hosts";
const ON_NODE = REAL ? "/etc/systemd/resolved.conf.d/replikube.conf" : "/etc/hosts";

const NODES = ["control-plane-0", "worker-0"] as const;
/** A busy host's answer takes its time. */
const TOLERATED_SECONDS = 4;

let clone: Clone;

const lab = async (verb: string, ...args: string[]) => succeeded(await clone.lab(verb, "--stack", STACK, ...args));

/** What preview said, and what up printed; it has been seen to do just that. */
async function changed(): Promise<PreviewedUp> {
  const made = await previewedUp(clone, STACK);
  expect(made.done).toEqual(made.planned);
  return made;
}

const change = async () => (await changed()).planned;

function configure(lines: string): void {
  writeFileSync(join(clone.folder, "Pulumi.tiny.yaml"), `${STACK_CONFIGURATION}${lines}`);
}
const configured = (lines: string) => {
  configure(lines);
  return change();
};

const workers = (count: number) => configured(`  replikube:workers: ${count}\n`);

/** Kind and name of each step. */
const kindsOf = (steps: readonly string[]) => steps.map((step) => step.split(" ").slice(0, 3).join(" "));

const replaced = (...names: readonly string[]) =>
  names.flatMap((name) => [`create-replacement ${name}`, `delete-replaced ${name}`]);
/** All of a cluster of 1+1. */
const CLUSTER = [
  ...["Domain", "Guest", "Volume"].flatMap((kind) => [`${kind} control-plane-0`, `${kind} worker-0`]),
  "ClusterReady cluster",
  "JoinToken cluster-worker-0",
  "KubeadmInit cluster",
  "KubeadmJoin cluster-worker-0",
];

const drained = (worker: string) => `tiny-control-plane-0 node-drain-tiny-${worker} finished`;
const removed = (worker: string) => `tiny-control-plane-0 node-delete-tiny-${worker} started`;
/** Which of the two the last up did for a worker, in its order. */
const farewellOf = (worker: string) => momentsOf(clone, STACK, [drained(worker), removed(worker)]);

const onNode = async (node: string): Promise<string> =>
  (await clone.lab("ssh", "--stack", STACK, node, "--", "cat", ON_NODE)).stdout;

/** What a restart does not change. */
const kept = ({ machineId, address }: SeenNode) => ({ machineId, address });

/** What Pulumi says last of a preview in which nothing has to be done. */
const noChange = () => lab("preview", "--expect-no-changes");
const NOTHING = /^ +\d+ unchanged$/m;

beforeAll(async () => {
  clone = await makeClone({ "Pulumi.tiny.yaml": STACK_CONFIGURATION });
  await lab("preview");
}, 30 * MINUTE);

afterAll(async () => clone.remove(), 20 * MINUTE);

test(
  "1+1 is made, and is there the second time",
  async () => {
    const steps = await workers(1);
    expect(steps.every((step) => step.startsWith("create "))).toBe(true);
    expect(await noChange()).toMatch(NOTHING);
  },
  20 * MINUTE,
);

test(
  "a worker more is its machine, one in-place entry of the network, and the proof of readiness",
  async () => {
    expect(await workers(2)).toEqual([
      "create Domain worker-1",
      "create Guest worker-1",
      "create JoinToken cluster-worker-1",
      "create KubeadmJoin cluster-worker-1",
      "create Machine worker-1",
      "create Volume worker-1",
      "update ClusterReady cluster",
      "update Network network dhcpHosts[2] dns.hosts[2]",
    ]);
    expect(await noChange()).toMatch(NOTHING);
  },
  20 * MINUTE,
);

test(
  "a worker less goes the same way back: it is drained, then its node goes",
  async () => {
    expect(await workers(1)).toEqual([
      "delete Domain worker-1",
      "delete Guest worker-1",
      "delete JoinToken cluster-worker-1",
      "delete KubeadmJoin cluster-worker-1",
      "delete Machine worker-1",
      "delete Volume worker-1",
      "update ClusterReady cluster",
      "update Network network dhcpHosts[2] dns.hosts[2]",
    ]);
    expect(farewellOf("worker-1")).toEqual([drained("worker-1"), removed("worker-1")]);
    const nodes = await clone.lab("kubectl", "--stack", STACK, "--", "get", "nodes", "-o", "name");
    expect(nodes.stdout.trim().split("\n")).toEqual(["node/tiny-control-plane-0", "node/tiny-worker-0"]);
    expect(await noChange()).toMatch(NOTHING);
  },
  20 * MINUTE,
);

test(
  "another image replaces every machine and what was done on it, and nothing else",
  async () => {
    appendFileSync(join(clone.folder, IMAGE_SOURCE), "# another image\n");
    const steps = await change();
    expect(kindsOf(steps)).toEqual([...replaced(...CLUSTER), "update NixBuild node-image"].toSorted());
    expect(steps).toContain("create-replacement Volume control-plane-0 baseFile");
    expect(await onNode("worker-0")).toContain("another image");
    expect(await noChange()).toMatch(NOTHING);
  },
  30 * MINUTE,
);

test(
  "workers get an image of their own and lose it again, drained unless that is not wanted, and the control plane stays as it is",
  async () => {
    const names = CLUSTER.filter((name) => name.endsWith("worker-0"));
    const workersReplaced = [...replaced(...names), "update ClusterReady cluster"];
    // The image as it is committed, which the stack's is no more.
    succeeded(await clone.run("git", "clone", "--quiet", "--shared", ".", "../committed"));

    const given = kindsOf(await configured("  replikube:images: { worker: { flake: ../committed } }\n"));
    const created = ["create NixBuild node-image-worker", "create NodeImage node-image-worker"];
    expect(given).toEqual([...workersReplaced, ...created].toSorted());
    expect(farewellOf("worker-0")).toEqual([drained("worker-0"), removed("worker-0")]);
    expect(await onNode("control-plane-0")).toContain("another image");
    expect(await onNode("worker-0")).not.toContain("another image");
    expect(await noChange()).toMatch(NOTHING);

    configure("");
    process.env["REPLIKUBE_DRAIN_SECONDS"] = "0";
    const { planned, printed } = await changed().finally(() => delete process.env["REPLIKUBE_DRAIN_SECONDS"]);
    const deleted = ["delete NixBuild node-image-worker", "delete NodeImage node-image-worker"];
    expect(kindsOf(planned)).toEqual([...workersReplaced, ...deleted].toSorted());
    expect(printed).toContain("tiny-worker-0: is not drained");
    expect(farewellOf("worker-0")).toEqual([removed("worker-0")]);
    expect(await onNode("worker-0")).toContain("another image");
    expect(await noChange()).toMatch(NOTHING);
  },
  30 * MINUTE,
);

const CONTROL_PLANE_IMAGE = "  replikube:images: { control-plane: { flake: ../committed } }\n";

test(
  "another image of the control plane alone is another cluster, which the workers join with fresh disks of their old image",
  async () => {
    const before = await lookAtNode(clone, STACK, "worker-0");
    const created = ["create NixBuild node-image-worker", "create NodeImage node-image-worker"];
    expect(kindsOf(await configured(CONTROL_PLANE_IMAGE))).toEqual(
      [...replaced(...CLUSTER), ...created, "update NixBuild node-image"].toSorted(),
    );
    expect(await onNode("control-plane-0")).not.toContain("another image");
    expect(await onNode("worker-0")).toContain("another image");
    expect((await lookAtNode(clone, STACK, "worker-0")).machineId).not.toBe(before.machineId);
    expect(await noChange()).toMatch(NOTHING);
  },
  30 * MINUTE,
);

test(
  "a refresh finds what up made",
  async () => {
    await lab("refresh", "--", "--expect-no-changes");
    expect(await noChange()).toMatch(NOTHING);
  },
  20 * MINUTE,
);

const accidents = {
  "was reset": () => clone.virsh("reset", "replikube-tiny-worker-0"),
  "has panicked and started again": () =>
    lab("ssh", "worker-0", "--", "(sleep 1; echo c > /proc/sysrq-trigger) > /dev/null 2>&1 < /dev/null &"),
};

test.each(Object.entries(accidents))(
  "a machine that %s is no change",
  async (_, happens) => {
    const look = ["--stack", STACK, "worker-0", "--", "cat", "/proc/sys/kernel/random/boot_id"];
    const bootId = async () => (await clone.lab("ssh", ...look)).stdout.trim();
    const before = await bootId();
    await happens();
    while (["", before].includes(await bootId())) await sleep(500);
    await lab("kubectl", "--", "wait", "--for=condition=Ready", "node/tiny-worker-0", "--timeout=300s");
    expect(await noChange()).toMatch(NOTHING);
    await lab("refresh", "--", "--expect-no-changes");
    expect(await noChange()).toMatch(NOTHING);
  },
  20 * MINUTE,
);

test(
  "a stop and a start, with the host switched off between them, bring back the machines that were there",
  async () => {
    const look = () => Promise.all(NODES.map((node) => lookAtNode(clone, STACK, node)));
    const before = await look();
    const refused = await clone.lab("host", "stop");
    expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining("next: ./lab stop shuts")]);

    const inOrder = ["tiny-worker-0: shut down", "tiny-control-plane-0: shutting", "tiny-control-plane-0: shut down"];
    expect(await lab("stop")).toMatch(new RegExp([...inOrder, "stack tiny: stopped after"].join("[^]*")));
    expect(await clone.virsh("list", "--name")).toBe("");
    expect(await lab("stop")).toContain("is stopped already");
    succeeded(await clone.lab("host", "stop"));

    expect(await lab("start")).toMatch(/^ready after [\d.]+ s/m);
    const after = await look();
    expect(after.map(kept)).toEqual(before.map(kept));
    expect(after.map(({ bootId }, index) => bootId === before[index]?.bootId)).toEqual([false, false]);
    for (const { lateSeconds } of after) expect(Math.abs(lateSeconds)).toBeLessThanOrEqual(TOLERATED_SECONDS);
  },
  20 * MINUTE,
);

test(
  "a refresh sees a machine that is off and one that stands still, and up starts both and sets the late clock",
  async () => {
    await clone.virsh("suspend", "replikube-tiny-worker-0");
    await clone.virsh("destroy", "replikube-tiny-control-plane-0");
    await sleep(2 * TOLERATED_SECONDS * 1000);
    await lab("refresh");
    expect(await lab("up")).toMatch(/^ready after [\d.]+ s/m);
    expect(timelineEvents(clone, STACK)).toContainEqual(
      expect.objectContaining({ machine: "tiny-worker-0", step: "machine-clock", event: "finished" }),
    );
    const { lateSeconds } = await lookAtNode(clone, STACK, "worker-0");
    expect(Math.abs(lateSeconds)).toBeLessThanOrEqual(TOLERATED_SECONDS);
    expect(await noChange()).toMatch(NOTHING);
  },
  20 * MINUTE,
);

async function garbage(...args: string[]): Promise<GarbageReport> {
  const result = await clone.lab("gc", "--json", ...args);
  succeeded(result);
  return JSON.parse(result.stdout);
}

test(
  "a time to live changes nothing; when it is over gc destroys the stack, with what a lost one has left",
  async () => {
    expect(await configured(`${CONTROL_PLANE_IMAGE}  replikube:ttl: 2d\n`)).toEqual([]);
    const expiry = join(stackDirectory(clone.folder, STACK), "expiry.json");
    expect(JSON.parse(readFileSync(expiry, "utf8"))).toMatchObject({ ttl: "2d" });
    await loseStack(clone);
    const still = await garbage("--dry-run");
    expect(still.left).toEqual([{ what: ["stack tiny"], why: expect.stringContaining("ttl 2d") }]);

    writeFileSync(expiry, JSON.stringify({ ttl: "2d", expiresAt: new Date().toISOString() }));
    // The user's cache may have claims of clones that are long gone: those go too.
    const gone = [["stack tiny"], LOST];
    expect((await garbage("--dry-run")).removed.map(({ what }) => what)).toEqual(expect.arrayContaining(gone));
    expect(await clone.libvirtObjects()).toHaveLength(5);
    expect((await garbage()).removed.map(({ what }) => what)).toEqual(expect.arrayContaining(gone));
    expect(await clone.libvirtObjects()).toEqual([]);
    expect(existsSync(stackDirectory(clone.folder, STACK))).toBe(false);
    expect(await garbage()).toMatchObject({ left: [], failed: [] });
  },
  20 * MINUTE,
);
