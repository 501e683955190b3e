import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { placesOf } from "../../cli/places";
import { workOnStack } from "../../cli/stack-work";
import { runVerb } from "../../cli/verbs/stack-verbs";
import { start } from "../../cli/verbs/start";
import { labProgram } from "../../cli/program";
import { readExpiry } from "../../cli/stack-expiry";
import { fakePulumi, type FakePulumi, type PulumiScripts } from "../fakes/pulumi";

let folder: string;
let pulumi: FakePulumi | undefined;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "stack-work-"))));
afterEach(() => {
  pulumi?.restore();
  pulumi = undefined;
  rmSync(folder, { recursive: true });
});

const places = () => placesOf(join(folder, "root"));
const stop = (stack: string) => labProgram(places()).parseAsync(["stop", "--stack", stack], { from: "user" });
const fake = (scripts: Omit<PulumiScripts, "stacks">): FakePulumi =>
  (pulumi = fakePulumi(folder, { stacks: ["blue", "green"], ...scripts }));

const BUSY = /^stack blue: \.\/lab stop \(process \d+\) since 20\S+ works on it\nnext: wait until it is done$/;
const onBlue = <T>(work: () => Promise<T>): Promise<T> => workOnStack(places(), { stack: "blue", verb: "stop" }, work);

it.each([
  ["up", () => runVerb(places(), "up", "blue", ["--yes"])],
  ["refresh", () => runVerb(places(), "refresh", "blue", ["--yes"])],
  ["destroy", () => runVerb(places(), "destroy", "blue", ["--yes"])],
  ["start", () => start(places(), "blue")],
  ["stop", () => stop("blue")],
] as const)("%s touches nothing of a stack that another ./lab works on, and says which", async (_, command) => {
  const { calls } = fake({});
  await onBlue(() => expect(command()).rejects.toThrow(BUSY));
  expect(calls()).toEqual([]);
});

it("keeps nobody from another stack, nor from a preview", async () => {
  const { calls } = fake({});
  await onBlue(async () => {
    expect(await runVerb(places(), "destroy", "green", ["--yes"])).toBe(0);
    expect(await runVerb(places(), "preview", "blue", [])).toBe(0);
  });
  expect(calls()).toEqual(expect.arrayContaining(["destroy green", "preview blue"]));
});

/** Writes down whether the stack was held by then. */
const look = () =>
  `{ flock --nonblock ${folder}/root/.state/locks/blue true && echo free || echo held; } >>${folder}/looks`;
const seen = () => new Set(readFileSync(join(folder, "looks"), "utf8").trim().split("\n"));

describe("a command that works on a stack", () => {
  const machine = {
    urn: "d",
    type: "libvirt:index/domain:Domain",
    outputs: { name: "blue-0", instance: "i", memory: 1 },
  };
  const provider = { urn: "p", type: "pulumi:providers:libvirt", inputs: { uri: "test:///default" } };

  it("has it until it is done: up until it has said what is up", async () => {
    fake({ verbs: { up: look(), "stack-output": `${look()}; exit 1` } });
    await expect(runVerb(places(), "up", "blue", ["--yes"])).rejects.toThrow("pulumi exited with code 1");
    expect(seen()).toEqual(new Set(["held"]));
  });

  it("has it until it is done: destroy until nothing is proven to be left", async () => {
    fake({ verbs: { destroy: "true" }, virsh: look() });
    await runVerb(places(), "destroy", "blue", ["--yes"]);
    expect(seen()).toEqual(new Set(["held"]));
  });

  it("has it until it is done: stop while it asks libvirt for the machines", async () => {
    fake({
      resources: [machine, provider],
      virsh: `${look()}; [ "$4" != dumpxml ] || { echo "error: Domain not found: x" >&2; exit 1; }`,
    });
    await stop("blue");
    expect(seen()).toEqual(new Set(["held"]));
  });

  it("has it until it is done: start while it reads the state", async () => {
    fake({ verbs: { "stack-output": `${look()}; exit 1` } });
    await expect(start(places(), "blue")).rejects.toThrow("pulumi exited with code 1");
    expect(seen()).toEqual(new Set(["held"]));
  });
});

it("begins to count the time to live when an up begins, whatever becomes of it", async () => {
  fake({ verbs: { up: `cat ${folder}/root/.state/stacks/blue/expiry.json >${folder}/meanwhile; exit 1` } });
  expect(await runVerb(places(), "up", "blue", ["--yes"])).toBe(1);
  expect(readExpiry(places(), "blue")).toMatchObject({ ttl: "8h" });
  expect(readFileSync(join(folder, "meanwhile"), "utf8")).toContain('"ttl":"8h"');
});

it("renews the time to live of an up whose summary fails", async () => {
  fake({ verbs: { "stack-output": "exit 1" } });
  await expect(runVerb(places(), "up", "blue", ["--yes"])).rejects.toThrow("pulumi exited with code 1");
  expect(readExpiry(places(), "blue")).toMatchObject({ ttl: "8h" });
});
