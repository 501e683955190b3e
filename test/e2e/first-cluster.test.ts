import { readFileSync } from "node:fs";
import { join } from "node:path";
import { makeClone, outcome, type Clone } from "../fixtures/clone";
import { filesWith } from "./secrets";

/** The newcomer's path in a fresh clone, with the real image: up, use, no change, refresh, a guest's restart, destroy. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;

let clone: Clone;

beforeAll(async () => {
  clone = await makeClone();
}, 5 * MINUTE);

afterAll(async () => clone.remove(), 5 * MINUTE);

const succeeded = { exitCode: 0 };
const kubectl = (...args: string[]) => clone.lab("kubectl", "--", ...args);
const onNode = (node: string, ...command: string[]) => clone.lab("ssh", node, "--", ...command);

test(
  "./lab up makes a Ready cluster, says what there is, and has nothing to do the second time",
  async () => {
    const up = outcome(await clone.lab("up"));
    expect(up).toMatchObject({ ...succeeded, printed: expect.stringContaining("ready after") });
    expect(up.printed).toMatch(/dev-worker-0 +worker +10\.77\.\d+\.20/);

    const nodes = await kubectl("get", "nodes", "--no-headers");
    expect(nodes.stdout.match(/ Ready /g)).toHaveLength(2);

    const started = Date.now();
    expect(outcome(await clone.lab("up"))).toMatchObject({
      ...succeeded,
      printed: expect.stringContaining("nothing had to be done"),
    });
    expect((Date.now() - started) / SECOND).toBeLessThan(20);
  },
  20 * MINUTE,
);

test(
  "nodes resolve each other, and no token is left",
  async () => {
    expect(outcome(await onNode("worker-0", "getent", "hosts", "dev-control-plane-0"))).toMatchObject(succeeded);
    expect(outcome(await onNode("control-plane-0", "getent", "hosts", "dev-worker-0"))).toMatchObject(succeeded);
    const tokens = await onNode(
      "control-plane-0",
      "kubeadm",
      "--kubeconfig",
      "/etc/kubernetes/admin.conf",
      "token",
      "list",
    );
    expect([tokens.exitCode, tokens.stdout.trim()]).toEqual([0, ""]);
  },
  5 * MINUTE,
);

test(
  "guests have no route beyond their network",
  async () => {
    // The host's first resolver, or any address: nothing answers, and nothing leaves (TEST-NET-1 is nobody's, RFC 5737).
    const gone = await onNode("worker-0", "timeout", "5", "ping", "-c", "1", "-W", "2", "192.0.2.1");
    expect(gone.exitCode).not.toBe(0);
    const { namespace } = JSON.parse(readFileSync(join(clone.folder, ".state/host/host.json"), "utf8"));
    const routes = await clone.run("nsenter", `--net=/run/netns/${namespace}`, "ip", "route", "show", "default");
    expect([routes.exitCode, routes.stdout.trim()]).toEqual([0, ""]);
  },
  2 * MINUTE,
);

test(
  "nothing has changed: after up, after refresh, after a guest's restart",
  async () => {
    const unchanged = async () => outcome(await clone.lab("preview", "--", "--expect-no-changes"));
    expect(await unchanged()).toMatchObject(succeeded);
    expect(outcome(await clone.lab("refresh"))).toMatchObject(succeeded);
    expect(await unchanged()).toMatchObject(succeeded);
    await clone.virsh("reset", "replikube-dev-worker-0");
    expect(await unchanged()).toMatchObject(succeeded);
  },
  5 * MINUTE,
);

test(
  "no secret lies in a log, history, evidence or state file",
  async () => {
    const { stdout } = await clone.lab("pulumi", "stack", "output", "--stack", "dev", "--json", "--show-secrets");
    const { sshPrivateKey, kubeconfig }: { readonly sshPrivateKey: string; readonly kubeconfig: string } =
      JSON.parse(stdout);
    const clientKey = /client-key-data: (\S+)/.exec(kubeconfig)?.[1] ?? "";
    expect(clientKey.length).toBeGreaterThan(100);
    const exported = await clone.lab("pulumi", "stack", "export", "--stack", "dev", "--show-secrets");
    const token = /\\"([a-z0-9]{6}\.[a-z0-9]{16})\\"/.exec(exported.stdout)?.[1] ?? "";
    expect(token).toMatch(/\./);
    expect(filesWith(join(clone.folder, ".state"), [sshPrivateKey, clientKey, token])).toEqual([]);
  },
  2 * MINUTE,
);

test(
  "./lab destroy leaves nothing, proves it, and the checkout is clean",
  async () => {
    const started = Date.now();
    expect(outcome(await clone.lab("destroy"))).toMatchObject({
      ...succeeded,
      printed: expect.stringContaining("nothing is left"),
    });
    expect(Date.now() - started).toBeLessThan(MINUTE);
    expect(await clone.virsh("list", "--all", "--name")).toBe("");
    expect(await clone.virsh("net-list", "--all", "--name")).toBe("");
    expect(await clone.virsh("pool-list", "--all", "--name")).toBe("");
    expect((await clone.run("git", "status", "--porcelain")).stdout).toBe("");
  },
  5 * MINUTE,
);
