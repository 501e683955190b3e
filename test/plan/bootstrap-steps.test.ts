import { DEADLINE_NAMES, STEP_DEADLINES, deadlineSeconds as secondsOf, type Deadlines } from "../../plan/deadlines";
import { configurationStep, initSteps } from "../../plan/init-steps";
import { joinSteps } from "../../plan/join-steps";
import { drainStep, removeStep } from "../../plan/node-steps";
import { probeImageOf, readySteps, uncordonStep } from "../../plan/ready-steps";
import { growStep, restartSteps } from "../../plan/restart-steps";
import type { Step } from "../../plan/step";
import { controlPlaneContext, credentials, workerContext } from "../fixtures/bootstrap";
import "../golden-matcher";

const factor = { deadlinesFactor: 1 };
const controlPlane = controlPlaneContext.node.nodeName;
const joinPlan = { context: workerContext, credentials, controlPlane, instance: "i0", untilReady: false };
const joinList = (deadlines: Deadlines, untilReady = false): readonly Step[] => {
  const { reset, leave, activate, join, deactivate, settle } = joinSteps({ ...joinPlan, untilReady }, deadlines);
  return [reset, leave, activate, join, deactivate, ...settle];
};
const readyPlan = { controlPlane, nodeNames: [controlPlane, "dev-worker-0"], hasCni: true, probeImage: "x/busybox:1" };
const allSteps = (deadlines: Deadlines): readonly Step[] => [
  ...initSteps(controlPlaneContext, deadlines),
  configurationStep(controlPlaneContext, deadlines),
  ...joinList(deadlines),
  uncordonStep(controlPlane, ["dev-worker-0"], deadlines),
  ...readySteps(readyPlan, deadlines),
  drainStep("dev-worker-0", controlPlane, deadlines, { force: true }),
  removeStep("dev-worker-0", controlPlane, deadlines),
];
const all = allSteps(factor);

it("is this list of steps", () => {
  expect(`${JSON.stringify(all, null, 2)}\n`).toBeGolden("bootstrap-steps/one-control-plane-one-worker.json");
});

it("waits for the API server before it asks it for anything, also when the machine has come back in the midst of an init", () => {
  const ids = initSteps(controlPlaneContext, factor).map(({ id }) => id);
  const later = ids.slice(ids.indexOf("kubeadm-init-controllers") + 1);
  expect(later).toEqual(["init-healthy", "cni-apply", `node-labels-${controlPlane}`, "init-token-delete"]);
});

it("has no secret in any argument, title or file that stays", () => {
  const [, secret = ""] = credentials.token.split(".");
  for (const { files, ...seen } of all) {
    expect(JSON.stringify(seen)).not.toContain(secret);
    for (const file of files.filter(({ content }) => content.includes(secret))) {
      expect(file).toMatchObject({ mode: 0o600, removeAfter: true });
      expect(file.path).toMatch(/^\/run\//);
    }
  }
});

it("gives every machine's step its own id", () => {
  const ids = all.map(({ machine, id }) => `${machine} ${id}`);
  expect(new Set(ids).size).toBe(ids.length);
});

const restart = { nodeName: "dev-worker-0", controlPlane, hasCni: true };
const everyStep = (deadlines: Deadlines): readonly Step[] => {
  const { drain, healthy, back, uncordon } = restartSteps(restart, deadlines);
  const drains = drain === undefined ? [] : [drain({ force: true })];
  const grow = growStep("dev-worker-0", deadlines);
  const registered = readySteps({ ...readyPlan, hasCni: false }, deadlines);
  return [
    ...allSteps(deadlines),
    ...joinList(deadlines, true),
    ...registered,
    ...drains,
    healthy,
    back("b"),
    uncordon,
    grow,
  ];
};
it("has a deadline in every step that a wait for the machine's lock counts with", () => {
  expect(new Set(everyStep(factor).map(({ deadline }) => deadline))).toEqual(new Set(STEP_DEADLINES));
});

/** That kubectl is told. */
const timeoutIn = (command: Step["command"]): number | undefined => {
  const seconds = /--timeout=(\d+)s/.exec(command.join(" "))?.[1];
  return seconds === undefined ? undefined : Number(seconds);
};
const own = Object.fromEntries(DEADLINE_NAMES.map((name, index) => [name, 1000 + index]));

it.each<readonly [string, Deadlines]>([
  ["a native host's", factor],
  ["an emulated one's", { deadlinesFactor: 5 }],
  ["the stack's own", { deadlinesFactor: 5, deadlines: own }],
])("goes by %s deadlines in every step, and what waits in it gives up no later", (_, deadlines) => {
  const steps = everyStep(deadlines);
  // kubectl asks for every pod before it drains.
  const asking = ({ deadline }: Step): number => (deadline === "drain" ? secondsOf("command", deadlines) : 0);
  expect(steps.map(({ id, deadlineSeconds }) => [id, deadlineSeconds])).toEqual(
    steps.map((step) => [step.id, secondsOf(step.deadline, deadlines) + asking(step)]),
  );
  const waits = steps.filter(({ command }) => timeoutIn(command) !== undefined);
  expect(new Set(waits.map(({ deadline }) => deadline))).toEqual(new Set(["nodeReady", "dns", "drain"]));
  for (const { deadline, command } of waits) {
    const seconds = secondsOf(deadline, deadlines);
    expect([seconds, seconds - 5]).toContain(timeoutIn(command));
  }
});

it("waits in a roll for each worker to be Ready once it has joined, unless nothing could make it so", () => {
  const rolling = { ...joinPlan, untilReady: true };
  const join = joinSteps(joinPlan, factor);
  const { settle, ...others } = joinSteps(rolling, factor);
  expect(JSON.stringify({ ...others, settle: join.settle })).toBe(JSON.stringify(join));
  expect(`${JSON.stringify(settle, null, 2)}\n`).toBeGolden("bootstrap-steps/settled-in-a-roll.json");
  const cluster = { ...workerContext.cluster, cniManifest: "" };
  expect(joinSteps({ ...rolling, context: { ...workerContext, cluster } }, factor).settle).toEqual(join.settle);
});

const ids = (plan: Partial<typeof readyPlan>): readonly string[] =>
  readySteps({ ...readyPlan, ...plan }, factor).map(({ id }) => id);

it("restarts a worker drained, and lets nobody take the node of the boot before for this one's", () => {
  const { drain, healthy, back, uncordon } = restartSteps(restart, factor);
  const steps = [drain?.({ force: true }), healthy, back("b00t"), uncordon, growStep("dev-worker-0", factor)];
  expect(`${JSON.stringify(steps, null, 2)}\n`).toBeGolden("bootstrap-steps/restart-of-a-worker.json");
  expect(restartSteps({ ...restart, nodeName: controlPlane }, factor).drain).toBeUndefined();
  const { title, command } = restartSteps({ ...restart, hasCni: false }, factor).back("b00t");
  expect(JSON.stringify([title, command])).not.toContain("Ready");
});

it("drains by force, in the stack's time, unless it is told otherwise", () => {
  const wishes = { force: false, seconds: 7 };
  const drains = [drainStep("w", controlPlane, factor, wishes), restartSteps(restart, factor).drain?.(wishes)];
  for (const { command, deadlineSeconds } of drains.flatMap((step) => step ?? [])) {
    expect(command.join(" ")).toMatch(/ drain .*--delete-emptydir-data --timeout=7s/);
    expect(command.join(" ")).not.toContain("--force");
    expect(deadlineSeconds).toBe(7 + secondsOf("command", factor));
  }
  expect(drains).toHaveLength(2);
});

describe("proofs", () => {
  it("are those that the image has the means for", () => {
    expect(ids({})).toEqual(["ready-nodes", "ready-dns", "prove-pods"]);
    expect(ids({ probeImage: "" })).toEqual(["ready-nodes"]);
    expect(ids({ hasCni: false })).toEqual(["ready-registered"]);
  });

  it("are made with the image's own busybox", () => {
    expect(probeImageOf(["a/pause:1", "replikube.invalid/busybox:1.37.0"])).toBe("replikube.invalid/busybox:1.37.0");
    expect(probeImageOf(["a/notbusybox:1"])).toBe("");
  });
});
