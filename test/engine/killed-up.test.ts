import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { TimelineEvent } from "../../plan/timeline-events";
import { processesOf, type SeenProcess } from "../chaos/processes";
import { makeClone, outcome, succeeded, type Clone } from "../fixtures/clone";
import { kubeadmCalls } from "../fixtures/kubeadm-calls";
import { killedUp, startProgram, timelineEvents, untilStep } from "../fixtures/killed-up";
import { TINY_STACK } from "../fixtures/tiny-stack";

/** `up` is killed (-9) after each of its steps: the next one does what remains, and a destroy leaves nothing. Real guests, tiny image. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const STACK = "tiny";

/** They look before they act, so none of them is carried out twice. All others only observe, or do no harm again. */
const ACTING = ["kubeadm-init", "kubeadm-init-controllers", "cni-apply", "init-token-delete", "kubeadm-join"] as const;

const MACHINES = ["control-plane-0", "worker-0"] as const;

const CONTROLLERS = ["controller-manager", "scheduler"] as const;

let clone: Clone;
/** What an undisturbed run finished, in its order. */
let steps: readonly string[];

const lab = async (verb: string, ...args: string[]) => succeeded(await clone.lab(verb, "--stack", STACK, ...args));
const stepOf = ({ machine, step }: TimelineEvent): string => `${machine} ${step}`;
/** The embedded host and its guests, which outlive every command. */
const isHosts = ({ line }: SeenProcess): boolean => /^(\S*qemu-system|libvirtd |virtlogd |\S*dnsmasq )/.test(line);
const isFinished = ({ event }: TimelineEvent): boolean => event === "finished";

beforeAll(async () => {
  clone = await makeClone({ "Pulumi.tiny.yaml": TINY_STACK });
  await lab("up");
  steps = timelineEvents(clone, STACK).filter(isFinished).map(stepOf);
  await lab("destroy");
}, 15 * MINUTE);

afterAll(async () => clone.remove(), 5 * MINUTE);

test(
  "an up that is killed after each step in turn makes a cluster all the same, and does nothing twice",
  async () => {
    expect(steps.length).toBeGreaterThan(15);
    const before = timelineEvents(clone, STACK).length;
    const events = () => timelineEvents(clone, STACK).slice(before);
    const killedAfter: string[] = [];
    for (;;) {
      // What a twin finished that outlived an earlier kill does not come again.
      const done = new Set(events().filter(isFinished).map(stepOf));
      const isNew = (event: TimelineEvent): boolean => isFinished(event) && !done.has(stepOf(event));
      const killed = await killedUp(clone, STACK, (event) => isNew(event) && killedAfter.push(stepOf(event)) > 0);
      if (killed === undefined) break;
      expect(outcome(killed)).not.toMatchObject({ exitCode: 0 });
    }
    process.stdout.write(`killed after ${killedAfter.join(", ")}\n`);
    // Notes beside a state are not written whole or not at all; a kill at that moment has once made a state unreadable.
    const kept = readdirSync(join(clone.folder, ".state/pulumi"), { recursive: true, encoding: "utf8" });
    expect(kept.filter((name) => name.endsWith("stacks/replikube/tiny.json"))).toHaveLength(1);
    expect(kept.filter((name) => name.endsWith(".attrs"))).toEqual([]);
    expect(killedAfter.length).toBeGreaterThan(steps.length / 2);
    await lab("preview", "--", "--expect-no-changes");

    // A run that is killed before it hears a step begin has none of it in its timeline; the machine's own record has all.
    const begun = (step: string) => events().filter((event) => event.step === step && event.event === "started").length;
    expect(ACTING.filter((step) => begun(step) > 1)).toEqual([]);
    const calls = await kubeadmCalls(clone, STACK, "control-plane-0");
    for (const once of ["kubeadm init", ...CONTROLLERS.map((name) => `kubeadm init phase control-plane ${name}`)]) {
      expect([once, calls.filter((call) => call === once).length]).toEqual([once, 1]);
    }
    expect(await kubeadmCalls(clone, STACK, "worker-0")).toEqual(["kubeadm join"]);
    expect(await lab("destroy")).toContain("nothing is left");
    expect(await clone.libvirtObjects()).toEqual([]);
  },
  15 * MINUTE,
);

/** After these the host or the cluster is another one than before; the steps between only look. All 18 take 9 minutes. */
const CHANGING = ["machine-boot", "kubeadm-init", "token-activate-tiny-worker-0", "kubeadm-join"];

test.each(CHANGING)(
  "a destroy after a kill at %s leaves nothing",
  async (step) => {
    const killed = await killedUp(clone, STACK, (event) => isFinished(event) && event.step === step);
    expect(killed?.exitCode).toEqual(expect.any(Number));
    expect(await lab("destroy")).toContain("nothing is left");
    expect(await clone.libvirtObjects()).toEqual([]);
  },
  5 * MINUTE,
);

test(
  "machines that lose their power in the midst of an init and right after the join are the nodes that they were",
  async () => {
    const before = timelineEvents(clone, STACK).length;
    /** As by a switch: nothing of what the guests have not written yet gets to their disks. */
    const cutAfter = async (step: string, machines: readonly string[]): Promise<void> => {
      const killed = await killedUp(clone, STACK, (event) => isFinished(event) && event.step === step);
      expect(killed?.exitCode).toEqual(expect.any(Number));
      await Promise.all(machines.map((machine) => clone.virsh("destroy", `replikube-tiny-${machine}`)));
      await lab("refresh");
    };
    // What comes next asks the API server, which starts later than SSH.
    await cutAfter("kubeadm-init-controllers", ["control-plane-0"]);
    await cutAfter("kubeadm-join", MACHINES);
    await lab("up");
    const begun = timelineEvents(clone, STACK)
      .slice(before)
      .filter(({ step, event }) => event === "started" && /^kubeadm-(init|join|leave)(-reset)?$/.test(step));
    expect(begun.map(({ step }) => step)).toEqual(["kubeadm-init", "kubeadm-join"]);
    expect(await kubeadmCalls(clone, STACK, "worker-0")).toEqual(["kubeadm join"]);
  },
  8 * MINUTE,
);

test(
  "a join that has no mark is taken back with the node that it registered, which is Ready still, and done again",
  async () => {
    const before = timelineEvents(clone, STACK).length;
    await lab("ssh", "worker-0", "--", "rm /var/lib/replikube/joined");
    // For up to look after the join, too.
    await clone.virsh("destroy", "replikube-tiny-control-plane-0");
    await lab("refresh");
    await lab("up");
    const begun = timelineEvents(clone, STACK)
      .slice(before)
      .filter(({ step, event }) => event === "started" && /^(kubeadm|node-delete)-/.test(step));
    expect(begun.map(({ step }) => step)).toEqual(["kubeadm-join-reset", "node-delete-tiny-worker-0", "kubeadm-join"]);
    await lab("preview", "--", "--expect-no-changes");
    expect(await lab("destroy")).toContain("nothing is left");
  },
  5 * MINUTE,
);

test(
  "an interrupt during kubeadm ends it within ten seconds, says what is there, and the next up goes on",
  async () => {
    const before = timelineEvents(clone, STACK).length;
    const events = () => timelineEvents(clone, STACK).slice(before);
    const up = startProgram(["./lab", "up", "--stack", STACK, "--skip-preview"], clone.folder);
    await untilStep(clone, STACK, "kubeadm-init", up);
    // A step that comes to no end while it is waited for.
    await clone.virsh("suspend", "replikube-tiny-control-plane-0");
    const interrupted = performance.now();
    up.child.kill("SIGINT");
    const { exitCode, printed } = await up.ended;
    expect(performance.now() - interrupted).toBeLessThan(10 * SECOND);
    expect(exitCode).not.toBe(0);
    expect(printed).toMatch(
      /stack tiny was interrupted: \d+ resources are in its state, cut off while creating cluster/,
    );
    expect(printed).toContain("next: ./lab up --stack tiny goes on from there");
    // Nobody goes on with it: what runs on is the host and its guests.
    expect(processesOf(clone.folder).filter((each) => !isHosts(each))).toEqual([]);
    await clone.virsh("resume", "replikube-tiny-control-plane-0");
    await lab("up");
    const inits = (await kubeadmCalls(clone, STACK, "control-plane-0")).filter((call) => call === "kubeadm init");
    const started = events().filter(({ step, event }) => step === "kubeadm-init" && event === "started");
    expect(inits.length).toBe(started.length);
    await lab("preview", "--", "--expect-no-changes");
    expect(await lab("destroy")).toContain("nothing is left");
  },
  5 * MINUTE,
);
