import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { timelineFile } from "../../drivers/timeline";
import { makeNetwork } from "../../drivers/libvirt/networks";
import { virshFor } from "../../drivers/virsh";
import { recordStack } from "../../facts/stack-register";
import type { GarbageReport } from "../../plan/garbage-report";
import { networkInputs } from "../../plan/libvirt/inputs";
import { markOf } from "../../plan/mark";
import { stackDirectory } from "../../plan/plan-topology";
import { ownBackend } from "../../plan/stack-record";
import { parseTimeline } from "../../plan/timeline-events";
import { makeClone, outcome, succeeded, type Clone } from "../fixtures/clone";
import { TINY_STACK } from "../fixtures/tiny-stack";

/** A stack that is stopped, comes back, and outlives its time. Real guests, tiny image. */

const MINUTE = 60_000;
const STACK = "tiny";
const DOMAINS = ["replikube-tiny-control-plane-0", "replikube-tiny-worker-0"] as const;

let clone: Clone;
let before: readonly Awaited<ReturnType<typeof lookAt>>[];

const lab = async (verb: string, ...args: string[]) => succeeded(await clone.lab(verb, "--stack", STACK, ...args));
const configure = (more: string): void => writeFileSync(join(clone.folder, "Pulumi.tiny.yaml"), `${TINY_STACK}${more}`);
const states = () => Promise.all(DOMAINS.map((name) => clone.virsh("domstate", name)));

/** In the node's own shell. */
async function onNode(node: string, line: string): Promise<string> {
  const result = await clone.lab("ssh", "--stack", STACK, node, "--", line);
  succeeded(result);
  return result.stdout.trim();
}

/** What stays of a machine, what is another value after every boot, and how late its clock is. */
async function lookAt(node: string) {
  const files = "/etc/machine-id /proc/sys/kernel/random/boot_id";
  const text = await onNode(node, `cat ${files}; ip -4 -o addr show dev eth0; date +%s`);
  const [id = "", boot = "", address = "", seconds = ""] = text.split("\n");
  return { id, boot, address: / inet ([\d.]+)/.exec(address)?.[1] ?? "", late: Date.now() / 1000 - Number(seconds) };
}

const lookAtBoth = async () => [await lookAt("control-plane-0"), await lookAt("worker-0")] as const;

const TOLERATED_SECONDS = 4;

beforeAll(async () => {
  clone = await makeClone();
  configure("  replikube:ttl: 8h\n");
  await lab("up");
}, 10 * MINUTE);

afterAll(async () => clone.remove(), 5 * MINUTE);

test(
  "stop shuts down the worker and then the control plane, and switches off what does not hear",
  async () => {
    expect(outcome(await clone.lab("host", "stop"))).toMatchObject({
      exitCode: 1,
      printed: expect.stringContaining("next: ./lab stop shuts the machines of a stack down and keeps them"),
    });
    before = await lookAtBoth();
    await onNode("worker-0", "killall -STOP qemu-ga acpid");
    const printed = await lab("stop", "--deadline", "8");
    const lines = ["tiny-worker-0: SWITCHED OFF", "tiny-control-plane-0: shut down after", "stack tiny: stopped after"];
    const places = lines.map((line) => printed.indexOf(line));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places).not.toContain(-1);
    expect(await states()).toEqual(["shut off", "shut off"]);
    expect(await lab("stop")).toContain("is stopped already");
  },
  5 * MINUTE,
);

test(
  "start brings back what it was, after the host was stopped too; a preview saw nothing of it",
  async () => {
    succeeded(await clone.lab("host", "stop"));
    expect(await lab("stop")).toContain("is stopped already, and so is the embedded host");
    configure("  replikube:ttl: 2d\n");
    await lab("preview", "--", "--expect-no-changes");

    expect(await lab("start")).toMatch(/ready after [\d.]+ s: boot/);
    expect(await states()).toEqual(["running", "running"]);
    const after = await lookAtBoth();
    expect(after.map(({ id, address }) => [id, address])).toEqual(before.map(({ id, address }) => [id, address]));
    for (const [index, { boot, late }] of after.entries()) {
      expect(boot).not.toBe(before[index]?.boot);
      expect(Math.abs(late)).toBeLessThan(TOLERATED_SECONDS);
    }
  },
  5 * MINUTE,
);

test(
  "start wakes a machine that stood still, and sets its clock",
  async () => {
    await clone.virsh("suspend", DOMAINS[1]);
    await sleep(2 * TOLERATED_SECONDS * 1000);
    expect(await lab("start")).toContain("tiny-worker-0: it was paused, and goes on");
    const { events } = parseTimeline(readFileSync(timelineFile(clone.folder, STACK), "utf8"));
    const set = events.filter(({ step, event }) => step === "machine-clock" && event === "finished");
    expect(set.map(({ machine, title }) => `${machine}: ${title}`)).toEqual([
      expect.stringMatching(/^tiny-worker-0: set the clock, which was \d+ s behind$/),
    ]);
    expect(Math.abs((await lookAt("worker-0")).late)).toBeLessThan(TOLERATED_SECONDS);
  },
  5 * MINUTE,
);

test(
  "up alone does not see that machines are off, and says so; after a refresh it starts them",
  async () => {
    await lab("stop");
    expect(await lab("up")).toContain("NOT RUNNING: tiny-control-plane-0, tiny-worker-0; ./lab start --stack tiny");
    await lab("refresh");
    expect(await lab("up")).toMatch(/ready after [\d.]+ s/);
    expect(await states()).toEqual(["running", "running"]);
  },
  5 * MINUTE,
);

/** A network that carries the id of a stack which this checkout has made and lost. */
async function loseStack(): Promise<void> {
  const libvirtUri = await clone.virsh("uri");
  const made = { project: "replikube", stack: "lost", stackId: "10577ac4", checkout: clone.folder, libvirtUri };
  recordStack(made, undefined, { PULUMI_BACKEND_URL: ownBackend(clone.folder) });
  const inputs = networkInputs.parse({ name: "replikube-lost", mode: "none", bridge: "rklost" });
  const mark = markOf(made.stackId, "urn:pulumi:lost::replikube::libvirt:index/network:Network::network");
  await makeNetwork(virshFor(libvirtUri), inputs, mark);
}

const garbage = async (...args: string[]): Promise<GarbageReport> => {
  const result = await clone.lab("gc", "--json", ...args);
  succeeded(result);
  return JSON.parse(result.stdout);
};

test(
  "gc destroys a stack that has outlived its time, takes what a lost one has left, and first only says so",
  async () => {
    const file = join(stackDirectory(clone.folder, STACK), "expiry.json");
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ ttl: "2d" });
    expect((await garbage("--dry-run")).left).toEqual([
      { what: ["stack tiny"], why: expect.stringContaining("ttl 2d") },
    ]);

    await loseStack();
    writeFileSync(file, JSON.stringify({ ttl: "2d", expiresAt: new Date().toISOString() }));
    // The user's cache may have claims of clones that are long gone: those go too.
    const removed = [["stack tiny"], ["network replikube-lost", "record of stack lost, id 10577ac4"]];
    expect((await garbage("--dry-run")).removed.map(({ what }) => what)).toEqual(expect.arrayContaining(removed));
    expect(await clone.libvirtObjects()).toHaveLength(5);
    expect((await garbage()).removed.map(({ what }) => what)).toEqual(expect.arrayContaining(removed));
    expect(await clone.libvirtObjects()).toEqual([]);
    expect(existsSync(stackDirectory(clone.folder, STACK))).toBe(false);
    expect(await garbage()).toMatchObject({ left: [], failed: [] });
  },
  5 * MINUTE,
);
