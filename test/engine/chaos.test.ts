import { spawn, type ChildProcess } from "node:child_process";
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { play, runCampaign, type Round, type Target } from "../chaos/campaign";
import { sightOf } from "../chaos/sight";
import { byIdentity, byRecord } from "../chaos/witness";
import { makeClone, succeeded, type Clone } from "../fixtures/clone";
import { REAL, STACK_CONFIGURATION } from "../fixtures/engine-image";

/**
 * Faults at random moments, with real guests of the tiny image. A few in CI; CHAOS_FAULTS=200 CHAOS_SEED=7 is a campaign, whose table goes
 * to .state/chaos-SEED.md; CHAOS_FROM=25 leaves its first 24 faults out. ENGINE_IMAGE=debian takes real Kubernetes, minutes for each fault.
 */

const MINUTE = 60_000;
const STACK = "tiny";
const NODES = ["tiny-control-plane-0", "tiny-worker-0"];
const ROUNDS = Number(process.env["CHAOS_FAULTS"] ?? 2);
const FROM = Number(process.env["CHAOS_FROM"] ?? 1);
const SEED = Number(process.env["CHAOS_SEED"] ?? 1);
/** On two cores without KVM. */
const USUAL_MS = REAL ? { up: 240_000, refresh: 8000, destroy: 15_000 } : { up: 30_000, refresh: 4000, destroy: 6000 };

let clone: Clone;
let disks: string;
let target: Target;

const seconds = (ms: number): string => (ms / 1000).toFixed(1);

const row = ({ number, phase, fault, atMs, hit = "nothing", violations, tookMs }: Round): string =>
  `| ${number} | ${phase} | ${fault} | ${seconds(atMs)} | ${hit.replaceAll("|", " ")} | ${violations.join("; ").replaceAll("|", " ") || "none"} | ${seconds(tookMs)} |`;

const lab = async (verb: string, ...args: string[]) => succeeded(await clone.lab(verb, "--stack", STACK, ...args));

beforeAll(async () => {
  clone = await makeClone();
  disks = join(clone.folder, ".state/disks");
  mkdirSync(disks, { recursive: true });
  writeFileSync(join(clone.folder, "Pulumi.tiny.yaml"), `${STACK_CONFIGURATION}  replikube:poolPath: ${disks}/pool\n`);
  // The embedded host sees the mount only when it is younger than it.
  succeeded(await clone.run("mount", "-t", "tmpfs", "-o", `size=${REAL ? "4g" : "512m"}`, "disks", disks));
  await lab("up");
  // A kubectl is built when it is first needed: minutes that no round should have.
  await lab("kubectl", "--", "get", "nodes");
  const watched = { clone, stack: STACK, nodes: NODES };
  const witness = (REAL ? byIdentity : byRecord)(watched);
  target = { ...watched, disks, witness, undisturbed: sightOf(clone.folder, disks) };
}, 60 * MINUTE);

afterAll(async () => {
  await clone.run("./lab", "host", "stop", "--force");
  await clone.run("umount", disks);
  await clone.remove();
}, 5 * MINUTE);

test(
  "what is planted in a round is seen: a second init, and everything that may be left over",
  async () => {
    const network = join(clone.folder, ".state/planted.xml");
    writeFileSync(network, "<network><name>planted</name><bridge name='rkplanted'/></network>");
    const strays: ChildProcess[] = [];
    const plantOnHost = async (): Promise<string> => {
      await clone.virsh("net-create", network);
      writeFileSync(join(disks, "planted.qcow2"), "");
      strays.push(spawn("sleep", ["600"], { cwd: clone.folder }));
      return "planted";
    };
    const onHost = ["network planted", "interface rkplanted", "disk planted.qcow2", "process sleep 600"];
    const all = onHost.map((line) => `left over: ${line}`);
    const uproot = async (): Promise<void> => {
      await clone.virsh("net-destroy", "planted");
      rmSync(join(disks, "planted.qcow2"));
      strays.forEach((stray) => stray.kill());
    };

    const twice = async (): Promise<string> => {
      await target.witness.plant();
      return plantOnHost();
    };
    const first = await play(target, { phase: "refresh", fault: { inject: twice, drifts: true }, atMs: 0 });
    expect(first.violations).toEqual(expect.arrayContaining(all));
    const ofKubeadm = first.violations.filter((line) => !all.includes(line));
    expect(ofKubeadm).toHaveLength(REAL ? 1 : NODES.length);
    expect(ofKubeadm.join(" ")).toMatch(
      REAL ? /made anew/ : /plane-0: kubeadm succeeded 2 times.*worker-0: kubeadm succeeded 2 times/,
    );
    await uproot();

    const last = await play(target, { phase: "destroy", fault: { inject: plantOnHost, drifts: false }, atMs: 0 });
    expect(last.violations).toEqual(all.toSorted());
    await uproot();
  },
  (REAL ? 30 : 5) * MINUTE,
);

test(
  `after each of the faults ${FROM} to ${ROUNDS} (seed ${SEED}) the stack comes to where it should be`,
  async () => {
    const table = join(process.cwd(), `.state/chaos-${SEED}.md`);
    mkdirSync(join(table, ".."), { recursive: true });
    const say = (line: string): void => {
      appendFileSync(table, `${line}\n`);
      process.stdout.write(`${line}\n`);
    };
    say(
      `\nseed ${SEED}, faults ${FROM} to ${ROUNDS}\n\n| # | during | fault | after (s) | hit | violations | took (s) |\n| --- | --- | --- | --- | --- | --- | --- |`,
    );
    const report = (round: Round): void => say(row(round));
    const rounds = await runCampaign(target, { seed: SEED, from: FROM, rounds: ROUNDS, usualMs: USUAL_MS, report });
    expect(rounds).toHaveLength(ROUNDS - FROM + 1);
    expect(rounds.filter(({ violations }) => violations.length > 0)).toEqual([]);
    // A campaign whose faults all came too late would say nothing.
    expect(rounds.filter(({ hit }) => hit !== undefined)).not.toEqual([]);
    await lab("destroy");
    expect(sightOf(clone.folder, disks)).toEqual([]);
  },
  ROUNDS * (REAL ? 25 : 6) * MINUTE,
);
