import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeClone, outcome, succeeded, type Clone } from "../fixtures/clone";
import { previewedUp } from "../fixtures/engine-steps";
import { filesWith, tellingLine } from "../fixtures/secrets";
import { TINY_STACK } from "../fixtures/tiny-stack";

/** kubeadm fails on a real guest, then a workload: what the error says, what is kept, that nothing leaks, and how it goes on. Tiny image. */

const MINUTE = 60_000;
const STACK = "tiny";
const REASON = "the etcd of this test never comes up";

const FAILING = `${TINY_STACK}  replikube:kubernetes:
    kubeadm:
      apiServer:
        extraArgs:
          - name: tiny-init-fails
            value: ${REASON}
`;

let clone: Clone;

const configure = (text: string): void => writeFileSync(join(clone.folder, "Pulumi.tiny.yaml"), text);

/** Decrypts the state to know what to look for. */
async function secrets(): Promise<readonly string[]> {
  const state = await clone.lab("pulumi", "stack", "export", "--stack", STACK, "--show-secrets");
  const text = succeeded(state).replaceAll("\\\\n", "\n").replaceAll("\\n", "\n").replaceAll("\\", "");
  const key = /-----BEGIN OPENSSH PRIVATE KEY-----[^-]*-----END OPENSSH PRIVATE KEY-----/.exec(text)?.[0];
  const token = /"([a-z0-9]{6}\.[a-z0-9]{16})"/.exec(text)?.[1];
  const clientKey = /client-key-data: (\S+?)\s/.exec(text)?.[1];
  return [key, token, clientKey].filter((secret) => secret !== undefined);
}

/** While it runs: every argument list on this host, guests' QEMUs among them. */
async function argumentListsOf<T>(work: Promise<T>): Promise<readonly [T, string]> {
  const lists = new Set<string>();
  const look = (): void => {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        lists.add(readFileSync(`/proc/${pid}/cmdline`, "utf8"));
      } catch {
        // it has ended
      }
    }
  };
  const looking = setInterval(look, 50);
  const result = await work.finally(() => clearInterval(looking));
  return [result, [...lists].join("\n")];
}

/** Logs of the machine's programs and of the steps, and what lies in memory. */
async function leaksOn(node: string, known: readonly string[]): Promise<string> {
  const patterns = known.map(tellingLine).join("\n");
  const grep = ["grep", "-rlF", "-f", "-", "/var/log", "/var/lib/replikube", "/run", "/tmp"] as const;
  const found = await clone.run(
    "sh",
    "-c",
    'printf "%s\\n" "$0" | ./lab ssh --stack "$1" "$2" -- "$3"',
    patterns,
    STACK,
    node,
    grep.join(" "),
  );
  return found.stdout;
}

const leaks = (known: readonly string[]) => filesWith(join(clone.folder, ".state"), known);

const evidenceFolder = (): string => join(clone.folder, ".state/evidence", STACK);

/**
 * Unpacks what `./lab collect` packs: whole, and nothing of what is known. `planted` lies beside what a failure has left, as if a program
 * had printed it there.
 */
async function expectCollected(known: readonly string[], planted: readonly string[]): Promise<void> {
  const [failure = ""] = readdirSync(evidenceFolder());
  const plant = join(evidenceFolder(), failure, "planted.txt");
  const folder = mkdtempSync(join(clone.folder, "..", "collected-"));
  writeFileSync(plant, ["before", ...planted, "after"].join("\n"));
  try {
    succeeded(await clone.lab("collect", "--stack", STACK, "--output", join(folder, "all.tar.gz")));
  } finally {
    rmSync(plant);
  }
  succeeded(await clone.run("tar", "-C", folder, "-xzf", join(folder, "all.tar.gz")));
  const read = (name: string): string => readFileSync(join(folder, "all", name), "utf8");
  expect(read(`evidence/${failure}/error.txt`)).toContain(REASON);
  expect(read(`evidence/${failure}/tiny-control-plane-0/console.log`)).toContain("udhcpc: lease of");
  expect(read("now/tiny-control-plane-0/machine.txt")).toContain("load average");
  expect(read("now/tiny-worker-0/domain-state.txt")).toBe("running (booted)");
  expect(read("console/tiny-control-plane-0.log")).toContain("udhcpc: lease of");
  expect(read("timeline.jsonl")).toContain('"step":"kubeadm-init"');
  expect(read("libvirtd.log")).toContain("libvirt");
  expect(read(`evidence/${failure}/planted.txt`)).toMatch(/^before\n(.*\[secret\].*\n)+after$/);
  expect(filesWith(join(folder, "all"), known)).toEqual([]);
}

beforeAll(async () => {
  clone = await makeClone();
  configure(FAILING);
}, 5 * MINUTE);

afterAll(async () => clone.remove(), 5 * MINUTE);

test(
  "the error says what, where, which step and what next, and evidence of it is kept",
  async () => {
    const { exitCode, printed } = outcome(await clone.lab("up", "--stack", STACK));
    expect(exitCode).not.toBe(0);
    expect(printed).toContain("tiny-control-plane-0: initialise the control plane");
    expect(printed).toContain(REASON);
    expect(printed).toContain("run up again: it goes on from here");
    const folders = readdirSync(evidenceFolder());
    const [folder = ""] = folders;
    expect(printed).toContain(folder);
    expect(folders.filter((name) => name.endsWith("-up"))).toEqual([]);
    expect(readdirSync(join(evidenceFolder(), folder), { recursive: true })).toEqual(
      expect.arrayContaining([expect.stringContaining("console"), expect.stringContaining("domain")]),
    );
  },
  10 * MINUTE,
);

test(
  "no secret lies anywhere after it, nor in what is collected of it",
  async () => {
    const known = await secrets();
    expect(known).toHaveLength(1);
    expect(leaks(known)).toEqual([]);
    await expectCollected(known, known);
  },
  3 * MINUTE,
);

test(
  "once the cause, a setting, is gone, up makes the cluster on fresh disks, and after success and a refresh nothing has leaked either",
  async () => {
    configure(TINY_STACK);
    const [result, argumentLists] = await argumentListsOf(clone.lab("up", "--stack", STACK));
    expect(succeeded(result)).toMatch(/Volume control-plane-0 replac.*triggers/);
    succeeded(await clone.lab("refresh", "--stack", STACK));
    const known = await secrets();
    expect(known).toHaveLength(3);
    expect(leaks(known)).toEqual([]);
    expect(argumentLists).toContain("qemu-system");
    for (const secret of known) expect(argumentLists.includes(tellingLine(secret))).toBe(false);
    expect(await leaksOn("control-plane-0", known)).toBe("");
    expect(await leaksOn("worker-0", known)).toBe("");
    expect(await leaksOn("worker-0", ["tiny-worker-0"])).not.toBe("");
    // Of a key a line alone looks like nothing: that it is one is known by the stack's outputs.
    const [key = "", token = "", clientKey = ""] = known;
    await expectCollected(known, [tellingLine(key), token, `client-key-data: ${clientKey}`]);
  },
  10 * MINUTE,
);

const workload = (command: string): string => `${TINY_STACK}  replikube:workload:\n    command: ${command}\n`;

test(
  "a workload that fails is told with what it printed, and what its machines say then is kept; an up that changes nothing leaves nothing",
  async () => {
    const before = readdirSync(evidenceFolder());
    const newer = () => readdirSync(evidenceFolder()).filter((name) => !before.includes(name));
    configure(`${TINY_STACK}  replikube:workers: many\n`);
    const refused = outcome(await clone.lab("up", "--stack", STACK));
    expect(refused.exitCode).not.toBe(0);
    expect(refused.printed).toContain("workers");
    expect(newer()).toEqual([]);

    configure(workload("kubectl get nodes; echo it is too slow; exit 3"));
    const { exitCode, printed } = outcome(await clone.lab("up", "--stack", STACK));
    expect(exitCode).not.toBe(0);
    expect(printed).toMatch(/tiny-worker-0 +\d+s/);
    expect(printed).toContain("it is too slow");
    expect(printed).toContain("workload: the command exited with code 3");
    const [folder = ""] = newer();
    expect(printed).toMatch(new RegExp(`^lab: evidence: .*/${folder}$`, "m"));
    expect(folder).toMatch(/-tiny-control-plane-0-up$/);
    for (const node of ["tiny-control-plane-0", "tiny-worker-0"]) {
      expect(readFileSync(join(evidenceFolder(), folder, node, "machine.txt"), "utf8")).toContain("load average");
    }
    configure(workload("kubectl get nodes"));
    expect(succeeded(await clone.lab("up", "--stack", STACK))).toMatch(/tiny-worker-0 +\d+s/);
    expect(newer()).toEqual([folder]);

    // It has succeeded on this cluster, which is changed in place: it does not run again, and no preview says so.
    configure(
      `${workload("kubectl get nodes")}  replikube:kubernetes: { roles: { control-plane: { labels: { tier: lab } } } }\n`,
    );
    const labelled = await previewedUp(clone, STACK);
    expect(labelled).toMatchObject({ planned: ["update KubeadmInit cluster"], done: ["update KubeadmInit cluster"] });
    configure(workload("kubectl get pods -A"));
    const another = await previewedUp(clone, STACK);
    // Read anew for it, a kubeconfig is not known to a preview, and turns out to be the same.
    const planned = another.planned.map((step) => step.replace("environment.REPLIKUBE_KUBECONFIG ", ""));
    expect(another.done).toEqual(planned);
    expect(planned).toContain("create-replacement Command workload environment.REPLIKUBE_WORKLOAD triggers[1]");
    expect(succeeded(await clone.lab("destroy", "--stack", STACK))).toContain("nothing is left");
  },
  10 * MINUTE,
);
