import { readFileSync } from "node:fs";
import { join } from "node:path";
import { makeClone, outcome, succeeded, type Clone } from "../fixtures/clone";
import { begins, killedUp, timelineEvents } from "../fixtures/killed-up";
import { filesWith } from "../fixtures/secrets";

/** The newcomer's path in a fresh clone, with the real image: up, use, no change, refresh, a guest's restart, destroy. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;

let clone: Clone;

beforeAll(async () => {
  clone = await makeClone();
}, 5 * MINUTE);

afterAll(async () => clone.remove(), 5 * MINUTE);

const wellDone = { exitCode: 0 };
const kubectl = (...args: string[]) => clone.lab("kubectl", "--", ...args);
const onNode = (node: string, ...command: string[]) => clone.lab("ssh", node, "--", ...command);

/** Boot, init and join are where most of the time goes, so that is where people lose patience. */
const KILLS = [
  ["boots", "machine-boot"],
  ["is initialised", "kubeadm-init"],
  ["joins", "kubeadm-join"],
] as const;

test.each(KILLS)(
  "an up that is killed while a machine %s leaves what was done to the next one",
  async (_, step) => {
    const killed = await killedUp(clone, "dev", begins(step), 9 * 60);
    expect(killed?.exitCode).not.toBe(0);
    expect(killed).toBeDefined();
  },
  10 * MINUTE,
);

test(
  "./lab up makes a Ready cluster of it, says what there is, and has nothing to do the second time",
  async () => {
    const up = succeeded(await clone.lab("up"));
    expect(up).toContain("ready after");
    expect(up).toMatch(/dev-worker-0 +worker +10\.77\.\d+\.20/);
    const nodes = await kubectl("get", "nodes", "--no-headers");
    expect(nodes.stdout.match(/ Ready /g)).toHaveLength(2);

    // kubeadm ran once on each machine, whoever watched: the step that a kill left alone was found done, or waited for.
    const acted = timelineEvents(clone, "dev").filter(({ event }) => event === "failed");
    expect(acted).toEqual([]);
    const reset = timelineEvents(clone, "dev").filter(
      ({ step, event }) => step.endsWith("-reset") && event === "started",
    );
    expect(reset).toEqual([]);

    const started = Date.now();
    expect(succeeded(await clone.lab("up"))).toContain("nothing had to be done");
    expect((Date.now() - started) / SECOND).toBeLessThan(10);
  },
  20 * MINUTE,
);

test(
  "no guest asks a device what time it is",
  async () => {
    const source = await onNode("worker-0", "cat", "/sys/devices/system/clocksource/clocksource0/current_clocksource");
    expect(source.stdout.trim()).toMatch(/^(tsc|kvm-clock)$/);
  },
  MINUTE,
);

test(
  "no container was started twice on the way",
  async () => {
    const restarts = "jsonpath={.items[*].status.containerStatuses[*].restartCount}";
    const counted = await kubectl("get", "pods", "--all-namespaces", "--output", restarts);
    expect(new Set(counted.stdout.trim().split(/\s+/))).toEqual(new Set(["0"]));
  },
  2 * MINUTE,
);

test(
  "the API's service answers at its address, from a node and from a pod",
  async () => {
    const address = (await kubectl("get", "service", "kubernetes", "--output", "jsonpath={.spec.clusterIP}")).stdout;
    expect(address).toMatch(/^10\.96\./);
    const asked = ["openssl", "s_client", "-brief", "-connect", `${address}:443`] as const;
    const fromNode = await onNode("worker-0", "timeout", "30", ...asked);
    expect(fromNode.stderr).toContain("CONNECTION ESTABLISHED");
    const image = "replikube.invalid/busybox:1.37.0";
    const pod = await kubectl(
      "run",
      "asker",
      "--image",
      image,
      "--image-pull-policy=Never",
      "--restart=Never",
      "--command",
      "--",
      "sh",
      "-c",
      `nc -w 20 ${address} 443 < /dev/null && echo reached`,
    );
    succeeded(pod);
    succeeded(await kubectl("wait", "pod/asker", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=120s"));
    expect((await kubectl("logs", "asker")).stdout).toContain("reached");
    succeeded(await kubectl("delete", "pod", "asker", "--wait=false"));
  },
  5 * MINUTE,
);

test(
  "nodes resolve each other, and no token is left",
  async () => {
    expect(outcome(await onNode("worker-0", "getent", "hosts", "dev-control-plane-0"))).toMatchObject(wellDone);
    expect(outcome(await onNode("control-plane-0", "getent", "hosts", "dev-worker-0"))).toMatchObject(wellDone);
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
    expect(await unchanged()).toMatchObject(wellDone);
    expect(outcome(await clone.lab("refresh"))).toMatchObject(wellDone);
    expect(await unchanged()).toMatchObject(wellDone);
    await clone.virsh("reset", "replikube-dev-worker-0");
    expect(await unchanged()).toMatchObject(wellDone);
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
      ...wellDone,
      printed: expect.stringContaining("nothing is left"),
    });
    expect(Date.now() - started).toBeLessThan(MINUTE);
    expect(await clone.libvirtObjects()).toEqual([]);
    expect((await clone.run("git", "status", "--porcelain")).stdout).toBe("");
  },
  5 * MINUTE,
);
