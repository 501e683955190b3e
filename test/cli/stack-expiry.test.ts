import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { timedStacks } from "../../cli/expired-stacks";
import { placesOf } from "../../cli/places";
import { beginExpiry, readExpiry, renewExpiry } from "../../cli/stack-expiry";
import { recordStack } from "../../facts/stack-register";
import type { OwnStack } from "../../plan/garbage";
import { stackDirectory } from "../../plan/plan-topology";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "expiry-"));
  process.env["XDG_CACHE_HOME"] = join(root, "cache");
});
afterEach(() => {
  delete process.env["XDG_CACHE_HOME"];
  rmSync(root, { recursive: true });
});

const now = new Date("2026-11-25T12:00:00Z");
const hoursLater = (hours: number): Date => new Date(now.getTime() + hours * 3_600_000);

/** As `./lab up` does it at its end. */
function up(stack: string, ttl: string, time = now): readonly string[] {
  const said: string[] = [];
  writeFileSync(join(root, `Pulumi.${stack}.yaml`), `config:\n  replikube:ttl: "${ttl}"\n`);
  renewExpiry(placesOf(root), stack, (line) => said.push(line), time);
  return said;
}
const expired = (stacks: readonly OwnStack[], time: Date) => timedStacks(placesOf(root), stacks, time);

it("is counted anew from every up", () => {
  expect(up("dev", "8h")).toEqual([
    "stack dev: may live until 2026-11-25T20:00:00.000Z (ttl 8h); ./lab gc destroys it after that",
  ]);
  up("dev", "8h", hoursLater(2));
  expect(readExpiry(placesOf(root), "dev")).toEqual({ ttl: "8h", expiresAt: "2026-11-25T22:00:00.000Z" });
});

it("is no more after an up without it", () => {
  up("dev", "8h");
  expect(up("dev", "")).toEqual([]);
  expect(readExpiry(placesOf(root), "dev")).toBeUndefined();
  expect(up("other", "")).toEqual([]);
  expect(existsSync(stackDirectory(root, "other"))).toBe(false);
});

it("goes on while an up without it, or with one that is none, has not succeeded", () => {
  up("dev", "8h");
  for (const ttl of ["", "soon"]) {
    writeFileSync(join(root, "Pulumi.dev.yaml"), `config:\n  replikube:ttl: "${ttl}"\n`);
    beginExpiry(placesOf(root), "dev", hoursLater(2));
  }
  expect(readExpiry(placesOf(root), "dev")).toMatchObject({ expiresAt: "2026-11-25T20:00:00.000Z" });
});

it("is not read from a file that says something else", () => {
  up("dev", "8h");
  writeFileSync(join(stackDirectory(root, "dev"), "expiry.json"), '{"ttl":"8h","expiresAt":"soon"}');
  expect(readExpiry(placesOf(root), "dev")).toBeUndefined();
});

it("tells the stacks whose time is over from those that may go on, and from those without", () => {
  up("short", "1h");
  up("long", "2d");
  up("endless", "");
  const stacks = ["short", "long", "endless"].map((stack) => ({ stack, stackId: stack }));
  expect(expired(stacks, hoursLater(3))).toEqual({
    expired: [{ stack: "short", stackId: "short", why: "its time to live (1h) ended at 2026-11-25T13:00:00.000Z" }],
    left: [{ what: ["stack long"], why: "it may live for another 1 d 21 h (ttl 2d)" }],
  });
});

it("leaves a stack alone that somebody works on, and one that belongs to another checkout", () => {
  up("busy", "1h");
  up("copied", "1h");
  const [project, libvirtUri] = ["replikube", "qemu:///system"];
  recordStack({ project, stack: "copied", stackId: "aa11", checkout: join(root, "original"), libvirtUri });
  const stacks = [
    { stack: "busy", holder: "process 7 of me" },
    { stack: "copied", stackId: "aa11" },
  ];
  expect(expired(stacks, hoursLater(3))).toEqual({
    expired: [],
    left: [
      { what: ["stack busy"], why: expect.stringMatching(/^its time .* but process 7 of me works on it$/) },
      { what: ["stack copied"], why: expect.stringContaining(`its machines are those of ${join(root, "original")}`) },
    ],
  });
  rmSync(join(root, "original"), { recursive: true });
  expect(expired(stacks, hoursLater(3)).expired.map(({ stack }) => stack)).toEqual(["copied"]);
});
