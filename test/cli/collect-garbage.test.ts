import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { collectGarbage, type GarbageRequest } from "../../cli/collect-garbage";
import { placesOf } from "../../cli/places";
import { workOnStack } from "../../cli/stack-work";
import { Interrupted } from "../../drivers/errors";
import { registerFolder } from "../../drivers/stack-records";
import { recordStack } from "../../facts/stack-register";
import { stackDirectory } from "../../plan/plan-topology";
import { ownBackend } from "../../plan/stack-record";
import { besideLivingPulumi } from "../fixtures/living-pulumi";
import { fakePulumi, type FakePulumi } from "../fakes/pulumi";

/** Three stacks whose time is over, by an order in which Pulumi lists them. */
const STACKS = ["a", "b", "c"] as const;

let folder: string;
let pulumi: FakePulumi;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "gc-"))));
afterEach(() => {
  pulumi.restore();
  rmSync(folder, { recursive: true });
});

const expiryFile = (stack: string): string => join(stackDirectory(pulumi.root, stack), "expiry.json");

function expire(stack: string): void {
  mkdirSync(stackDirectory(pulumi.root, stack), { recursive: true });
  writeFileSync(expiryFile(stack), JSON.stringify({ ttl: "8h", expiresAt: "2026-01-01T00:00:00.000Z" }));
}

/** `destroy` of the first stack takes until the test lets it go, with the exit code that it gives. */
function start(): { begun: () => Promise<void>; end: (exitCode: number) => void } {
  const [begun, end] = [join(folder, "begun"), join(folder, "end")];
  const waiting = `trap "" INT TERM; touch ${begun}; while [ ! -s ${end} ]; do sleep 0.05; done`;
  const destroy = `[ $stack != a ] || { ${waiting}; code=$(cat ${end}); [ $code = 0 ] || exit $code; }`;
  pulumi = fakePulumi(folder, { stacks: STACKS, verbs: { destroy } });
  STACKS.forEach(expire);
  return {
    begun: async () => {
      while (!existsSync(begun)) await sleep(20);
    },
    end: (exitCode) => writeFileSync(end, String(exitCode)),
  };
}

const prepared: string[] = [];
beforeEach(() => prepared.splice(0));
const request: GarbageRequest = {
  dryRun: false,
  report: () => undefined,
  prepare: async (stack) => void prepared.push(stack),
};
const collect = () => collectGarbage(placesOf(pulumi.root), request);
const destroyed = (): readonly string[] => pulumi.calls().filter((call) => call.startsWith("destroy"));

it.each([
  ["SIGINT", 255, 255],
  ["SIGTERM", 255, 255],
  ["SIGINT", 0, 130],
] as const)("destroys no other stack after %s, when Pulumi ends with %i", async (signal, exitCode, own) => {
  const first = start();
  const collected = collect().catch((error: unknown) => error);
  await first.begun();
  process.emit(signal);
  first.end(exitCode);
  expect(await collected).toBeInstanceOf(Interrupted);
  expect(await collected).toMatchObject({ exitCode: own, message: expect.stringContaining("stack a was interrupted") });
  expect(destroyed()).toEqual(["destroy a"]);
});

it("destroys no other stack after an interrupt that left a state which cannot be read", async () => {
  const first = start();
  const collected = collect().catch((error: unknown) => error);
  await first.begun();
  rmSync(join(folder, "a.json"));
  process.emit("SIGINT");
  first.end(255);
  expect(await collected).toBeInstanceOf(Interrupted);
  expect(destroyed()).toEqual(["destroy a"]);
});

it("looks for nothing more after an interrupt, and says what is gone by then", async () => {
  leave(`touch ${folder}/begun; sleep 1`);
  const collected = collect().catch((error: unknown) => error);
  while (!existsSync(join(folder, "begun"))) await sleep(20);
  process.emit("SIGTERM");
  expect(await collected).toMatchObject({
    exitCode: 130,
    message:
      "./lab gc was interrupted while it looked for garbage; removed by then: nothing\nnext: ./lab gc looks again, and goes on",
  });
  // What it was at ends with its process, which lives here.
  while (!pulumi.calls().includes("stack-export c")) await sleep(20);
});

it("goes on after a destroy that failed", async () => {
  const first = start();
  first.end(1);
  const { removed, failed } = await collect();
  expect(destroyed()).toEqual(["destroy a", "destroy b", "destroy c"]);
  expect(failed).toEqual([{ what: ["stack a"], why: expect.stringContaining("ended with code 1") }]);
  expect(removed.map(({ what }) => what[0])).toEqual(["stack b", "stack c"]);
  expect(prepared).toEqual(["a", "b", "c"]);
});

it("looks at no libvirt where no stack ever used the embedded host, and destroys what is on another", async () => {
  const first = start();
  first.end(0);
  delete process.env["LIBVIRT_DEFAULT_URI"];
  const asked = join(folder, "asked");
  writeFileSync(join(folder, "bin/virsh"), `#!/bin/sh\necho "$3" >>${asked}\n`);
  for (const stack of STACKS)
    writeFileSync(join(pulumi.root, `Pulumi.${stack}.yaml`), "config:\n  replikube:libvirtUri: test:///away\n");
  const { removed, failed } = await collect();
  expect(failed).toEqual([]);
  expect(removed.map(({ what }) => what[0])).toEqual(["stack a", "stack b", "stack c"]);
  expect(new Set(readFileSync(asked, "utf8").trim().split("\n"))).toEqual(new Set(["test:///away"]));
});

it("leaves a stack alone that was renewed, or is worked on, since it was looked at", async () => {
  const first = start();
  const collected = collect();
  await first.begun();
  const expiresAt = new Date(Date.now() + 8 * 3_600_000).toISOString();
  writeFileSync(expiryFile("b"), JSON.stringify({ ttl: "8h", expiresAt }));
  const lock = join(pulumi.root, ".state/pulumi/.pulumi/locks/organization/replikube/c/one.json");
  mkdirSync(dirname(lock), { recursive: true });
  const { pid, removed, left } = await besideLivingPulumi(async (living) => {
    writeFileSync(lock, JSON.stringify({ pid: living, hostname: hostname(), username: "me", timestamp: "noon" }));
    first.end(0);
    return { pid: living, ...(await collected) };
  });
  expect(removed.map(({ what }) => what[0])).toEqual(["stack a"]);
  expect(left).toEqual([
    { what: ["stack b"], why: expect.stringContaining("it may live for another") },
    { what: ["stack c"], why: expect.stringContaining(`but process ${pid} of me`) },
  ]);
  expect(destroyed()).toEqual(["destroy a"]);
});

it("leaves a stack alone that another ./lab works on, which Pulumi does not know", async () => {
  const first = start();
  first.end(0);
  const places = placesOf(pulumi.root);
  const { removed, left } = await workOnStack(places, { stack: "b", verb: "stop" }, collect);
  expect(removed.map(({ what }) => what[0])).toEqual(["stack a", "stack c"]);
  expect(left).toEqual([
    {
      what: ["stack b"],
      why: expect.stringMatching(/^its time .* but \.\/lab stop \(process \d+\) since .* works on it$/),
    },
  ]);
});

/** Of a stack that this checkout has not. */
const disk = (): string => join(stackDirectory(pulumi.root, "z"), "pool/worker-0.qcow2");

/** `meanwhile` is a shell's script, when the stacks have been looked at. */
function leave(meanwhile = ":"): void {
  const sought = join(folder, "sought");
  const once = `[ $stack != a ] || [ -e ${sought} ] || { touch ${sought}; ${meanwhile}; }`;
  pulumi = fakePulumi(folder, { stacks: STACKS, verbs: { "stack-export": once } });
  mkdirSync(dirname(disk()), { recursive: true });
  writeFileSync(disk(), "");
  const made = { project: "replikube", stack: "z", stackId: "bb", checkout: pulumi.root };
  const environment = { ...process.env, PULUMI_BACKEND_URL: ownBackend(pulumi.root) };
  recordStack({ ...made, libvirtUri: "test:///default" }, registerFolder(), environment);
}

describe("what a stack of this checkout has left", () => {
  it("goes, with its folder", async () => {
    leave();
    const { removed, failed } = await collect();
    expect(failed).toEqual([]);
    expect(removed.flatMap(({ what }) => what)).toContain("record of stack z, id bb");
    expect(existsSync(stackDirectory(pulumi.root, "z"))).toBe(false);
  });

  it("stays when an up has made the stack anew since it was looked at", async () => {
    leave(`echo '[{"name":"a"},{"name":"z"}]' >${folder}/ls.json; cp ${folder}/b.json ${folder}/z.json`);
    const { removed, left } = await collect();
    expect(removed).toEqual([]);
    expect(left.map(({ why }) => why)).toContain("stack z has been made anew");
    expect(existsSync(disk())).toBe(true);
  });

  it("stays while an up makes it anew", async () => {
    leave();
    const { removed, left } = await workOnStack(placesOf(pulumi.root), { stack: "z", verb: "up" }, collect);
    expect(removed).toEqual([]);
    expect(left.map(({ why }) => why)).toContainEqual(
      expect.stringMatching(/^\.\/lab up \(process .* works on stack z$/),
    );
    expect(existsSync(disk())).toBe(true);
  });
});
