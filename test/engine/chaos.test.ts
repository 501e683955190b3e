import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCampaign, type Round } from "../chaos/campaign";
import { leftoversOf } from "../chaos/leftovers";
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
}, 20 * MINUTE);

afterAll(async () => {
  await clone.run("./lab", "host", "stop", "--force");
  await clone.run("umount", disks);
  await clone.remove();
}, 5 * MINUTE);

const watched = () => ({ clone, stack: STACK, nodes: NODES });
const witness = () => (REAL ? byIdentity : byRecord)(watched());

test(
  "a planted double init and planted leaks are seen",
  async () => {
    expect(await witness().violations("")).toEqual([]);
    expect(await witness().planted()).not.toEqual([]);

    await lab("destroy");
    expect(leftoversOf(clone.folder, disks)).toEqual([]);
    const xml = join(clone.folder, ".state/planted.xml");
    writeFileSync(xml, "<network><name>planted</name><bridge name='rkplanted'/></network>");
    await clone.virsh("net-create", xml);
    writeFileSync(join(disks, "planted.qcow2"), "");
    expect(leftoversOf(clone.folder, disks)).toEqual(
      expect.arrayContaining(["network planted", "interface rkplanted", "disk planted.qcow2"]),
    );
    await clone.virsh("net-destroy", "planted");
    await clone.run("rm", join(disks, "planted.qcow2"));
  },
  5 * MINUTE,
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
    const campaign = {
      ...watched(),
      disks,
      seed: SEED,
      from: FROM,
      rounds: ROUNDS,
      witness: witness(),
      usualMs: USUAL_MS,
      report,
    };
    const rounds = await runCampaign(campaign);
    expect(rounds).toHaveLength(ROUNDS - FROM + 1);
    expect(rounds.filter(({ violations }) => violations.length > 0)).toEqual([]);
    await lab("destroy");
    expect(leftoversOf(clone.folder, disks)).toEqual([]);
  },
  ROUNDS * (REAL ? 25 : 6) * MINUTE,
);
