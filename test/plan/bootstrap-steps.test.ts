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
const join = joinSteps(
  { context: workerContext, credentials, controlPlane, instance: "i0", untilReady: false },
  factor,
);
const joinList = [join.reset, join.leave, join.activate, join.join, join.deactivate, ...join.settle];
const readyPlan = { controlPlane, nodeNames: [controlPlane, "dev-worker-0"], hasCni: true, probeImage: "x/busybox:1" };
const all: readonly Step[] = [
  ...initSteps(controlPlaneContext, factor),
  configurationStep(controlPlaneContext, factor),
  ...joinList,
  uncordonStep(controlPlane, ["dev-worker-0"], factor),
  ...readySteps(readyPlan, factor),
  drainStep("dev-worker-0", controlPlane, factor),
  removeStep("dev-worker-0", controlPlane, factor),
];

it("is this list of steps", () => {
  expect(`${JSON.stringify(all, null, 2)}\n`).toBeGolden("bootstrap-steps/one-control-plane-one-worker.json");
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

it("gives every machine's step its own id, and multiplies every deadline", () => {
  const ids = all.map(({ machine, id }) => `${machine} ${id}`);
  expect(new Set(ids).size).toBe(ids.length);
  const slow = initSteps(controlPlaneContext, { deadlinesFactor: 5 });
  expect(slow.map(({ deadlineSeconds }) => deadlineSeconds)).toEqual(
    initSteps(controlPlaneContext, factor).map(({ deadlineSeconds }) => deadlineSeconds * 5),
  );
});

const ids = (plan: Partial<typeof readyPlan>): readonly string[] =>
  readySteps({ ...readyPlan, ...plan }, factor).map(({ id }) => id);

it("restarts a worker drained, and lets nobody take the node of the boot before for this one's", () => {
  const plan = { nodeName: "dev-worker-0", controlPlane, hasCni: true };
  const { drain, healthy, back, uncordon } = restartSteps(plan, factor);
  const steps = [drain?.(), healthy, back("b00t"), uncordon, growStep("dev-worker-0", factor)];
  expect(`${JSON.stringify(steps, null, 2)}\n`).toBeGolden("bootstrap-steps/restart-of-a-worker.json");
  expect(restartSteps({ ...plan, nodeName: controlPlane }, factor).drain).toBeUndefined();
  expect(JSON.stringify(restartSteps({ ...plan, hasCni: false }, factor).back("b00t"))).not.toContain("Ready");
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
