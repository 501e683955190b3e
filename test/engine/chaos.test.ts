import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { drawRounds, play, runCampaign, type PhaseTimes, type Round, type Target } from "../chaos/campaign";
import { PLANTED_LINES, plantedOn } from "../chaos/planted";
import { DAEMON, sightOf } from "../chaos/sight";
import { byIdentity, byRecord } from "../chaos/witness";
import { makeClone, succeeded, type Clone } from "../fixtures/clone";
import { REAL, STACK_CONFIGURATION } from "../fixtures/engine-image";

/**
 * Faults at random moments, with real guests of the tiny image. A few in CI; CHAOS_FAULTS=200 CHAOS_SEED=7 is a campaign, whose table goes
 * to .state/chaos-SEED.md; CHAOS_FROM=25 leaves its first 24 faults out. ENGINE_IMAGE=debian takes real Kubernetes, minutes for each fault.
 */

const MINUTE = 60_000;
const STACK = "tiny";
/** Its first three faults hit each phase; see the test. */
const SAMPLE = { seed: 4043, faults: 3 };
const NODES = ["tiny-control-plane-0", "tiny-worker-0"];
const LAST = Number(process.env["CHAOS_FAULTS"] ?? SAMPLE.faults);
const FROM = Number(process.env["CHAOS_FROM"] ?? 1);
const SEED = Number(process.env["CHAOS_SEED"] ?? SAMPLE.seed);

let clone: Clone;
let disks: string;
let target: Target;
let usualMs: PhaseTimes;

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const begunMs = Date.now();
  await work();
  return Date.now() - begunMs;
};

const seconds = (ms: number): string => (ms / 1000).toFixed(1);

const cell = (text: string): string => text.replaceAll(/[|\s]+/g, " ");

const row = ({ number, phase, fault, atMs, hit = "nothing", violations, tookMs }: Round): string =>
  `| ${number} | ${phase} | ${fault} | ${seconds(atMs)} | ${cell(hit)} | ${cell(violations.join("; ")) || "none"} | ${seconds(tookMs)} |`;

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
  const refresh = await timed(() => lab("refresh"));
  const destroy = await timed(() => lab("destroy"));
  const destroyed = sightOf(clone.folder, disks);
  usualMs = { refresh, destroy, up: await timed(() => lab("up")) };
  const watched = { clone, stack: STACK, nodes: NODES };
  const witness = (REAL ? byIdentity : byRecord)(watched);
  target = { ...watched, disks, witness, undisturbed: { destroyed, up: sightOf(clone.folder, disks) } };
}, 60 * MINUTE);

afterAll(async () => {
  await clone.run("./lab", "host", "stop", "--force");
  await clone.run("umount", disks);
  await clone.remove();
}, 5 * MINUTE);

test("the sample of every run has a fault in each phase", () => {
  const sample = drawRounds(SAMPLE.seed, SAMPLE.faults);
  expect(sample.map(({ phase, fault }) => `${fault} during ${phase}`)).toEqual([
    "the libvirt provider during up",
    "libvirtd during refresh",
    "virsh during destroy",
  ]);
});

test("an undisturbed destroy leaves the embedded host's daemons, one of each, and nothing else", () => {
  const { destroyed } = target.undisturbed;
  expect(destroyed.filter((line) => !DAEMON.test(line))).toEqual([]);
  expect(destroyed.map((line) => DAEMON.exec(line)?.[1])).toEqual(["libvirtd", "virtlogd"]);
});

test(
  "what is planted in a round is seen: a second init, and everything that may be left over",
  async () => {
    const { plant, uproot } = plantedOn(clone, disks);
    const all = PLANTED_LINES.map((line) => `left over: ${line}`);

    const twice = async (): Promise<string> => {
      await target.witness.plant();
      return plant();
    };
    const whenever = { atMs: 0, victim: 0 };
    const first = await play(target, { phase: "refresh", fault: { inject: twice, drifts: true }, ...whenever });
    expect(first.violations).toEqual(expect.arrayContaining(all));
    const ofKubeadm = first.violations.filter((line) => !all.includes(line));
    expect(ofKubeadm).toHaveLength(REAL ? 1 : NODES.length);
    expect(ofKubeadm.join(" ")).toMatch(
      REAL ? /made anew/ : /plane-0: kubeadm succeeded 2 times.*worker-0: kubeadm succeeded 2 times/,
    );
    await uproot();

    const last = await play(target, { phase: "destroy", fault: { inject: plant, drifts: false }, ...whenever });
    expect(last.violations).toEqual(all);
    await uproot();
  },
  (REAL ? 30 : 5) * MINUTE,
);

test(
  `after each of the faults ${FROM} to ${LAST} (seed ${SEED}) the stack comes to where it should be`,
  async () => {
    const table = join(process.cwd(), `.state/chaos-${SEED}.md`);
    mkdirSync(join(table, ".."), { recursive: true });
    const say = (line: string): void => {
      appendFileSync(table, `${line}\n`);
      process.stdout.write(`${line}\n`);
    };
    const usual = Object.entries(usualMs).map(([phase, ms]) => `${phase} ${seconds(ms)} s`);
    say(
      `\nseed ${SEED}, faults ${FROM} to ${LAST}; undisturbed: ${usual.join(", ")}\n\n| # | during | fault | after (s) | hit | violations | took (s) |\n| --- | --- | --- | --- | --- | --- | --- |`,
    );
    const report = (round: Round): void => say(row(round));
    const rounds = await runCampaign(target, { rounds: drawRounds(SEED, LAST).slice(FROM - 1), usualMs, report });
    expect(rounds).toHaveLength(LAST - FROM + 1);
    expect(rounds.filter(({ violations }) => violations.length > 0)).toEqual([]);
    // A campaign whose faults all came too late would say nothing.
    expect(rounds.filter(({ hit }) => hit !== undefined)).not.toEqual([]);
    await lab("destroy");
    expect(sightOf(clone.folder, disks)).toEqual(target.undisturbed.destroyed);
  },
  LAST * (REAL ? 25 : 6) * MINUTE,
);
