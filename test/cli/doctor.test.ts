import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { provenOnce, recordUntilReboot } from "../../drivers/kvm-record";
import { runLocally } from "../../drivers/local-runner";
import { kvmFinding } from "../../cli/kvm-finding";
import { gitFinding, machineFindings } from "../../cli/machine-findings";
import { placesOf } from "../../cli/places";
import type { Part } from "../../cli/setup/part";
import { PARTS, WITHOUT_HOST } from "../../cli/setup/run-setup";
import { findingOf } from "../../cli/verbs/doctor";
import { findingsText, isFit } from "../../plan/doctor";

const folder = mkdtempSync(join(tmpdir(), "doctor-"));
const places = placesOf(folder);
afterAll(() => rmSync(folder, { recursive: true }));

const part = (more: Partial<Part>): Part => ({
  name: "thing",
  plan: "would be built",
  check: () => Promise.resolve(undefined),
  take: () => Promise.reject(new Error("doctor takes nothing")),
  ...more,
});

test("a part is there, will be taken, or is missing with what to do", async () => {
  const found = await findingOf(part({ check: () => Promise.resolve({ what: "v1", why: "on PATH" }) }), places);
  const taken = await findingOf(part({ obstacle: () => Promise.resolve(undefined) }), places);
  const missing = await findingOf(part({ obstacle: () => Promise.resolve("needs root") }), places);
  expect([found, taken, missing]).toEqual([
    { part: "thing", state: "there", what: "v1", why: "on PATH" },
    { part: "thing", state: "will be taken", what: "would be built", why: "./lab setup or ./lab up takes it" },
    { part: "thing", state: "missing", what: "not there", why: "needs root" },
  ]);
  expect([isFit([found, taken]), isFit([found, missing])]).toEqual([true, false]);
  expect(findingsText([taken, missing])).toBe(
    "will be taken  thing  would be built (./lab setup or ./lab up takes it)\nmissing        thing  not there (needs root)",
  );
});

test("every part of setup says what it would do", () => {
  expect(PARTS.map(({ name, plan }) => [name, plan]).filter(([, plan]) => plan === "")).toEqual([]);
});

test("a preview needs neither libvirt nor QEMU, and everything else that up needs", () => {
  const left = PARTS.filter((each) => !WITHOUT_HOST.includes(each));
  expect(left.map(({ name }) => name)).toEqual(["Debian packages for libvirt", "libvirt"]);
});

test("the machine's findings are named, and each has a reason", () => {
  const findings = machineFindings(places);
  expect(findings.map(({ part: name }) => name)).toEqual(["processors", "memory", "free disk", "KVM"]);
  expect(findings.filter(({ what, why }) => what === "" || why === "")).toEqual([]);
});

test("git: what Nix would not see is told, and never stops anybody", async () => {
  expect(await gitFinding(places)).toMatchObject({ state: "there", what: "no repository" });
  await runLocally(["git", "init", "--quiet", folder]);
  expect(await gitFinding(places)).toMatchObject({ what: "clean" });
  writeFileSync(join(folder, "new.nix"), "{ }");
  expect(await gitFinding(places)).toMatchObject({
    state: "there",
    why: expect.stringContaining("does not see the 1"),
  });
});

test("KVM: what setup has found out on this boot is told, and nothing is tried", async () => {
  const device = join(folder, "kvm");
  const own = { ...places, cache: join(folder, "cache") };
  const said = (): string => findingsText([kvmFinding(own, device)]);
  const EMULATES = "the embedded host emulates its guests";
  expect(said()).toBe(`there  KVM  none (there is no ${device}; ${EMULATES})`);
  writeFileSync(device, "");
  expect(said()).toBe(
    `there  KVM  ${device} is there, and not known to work (./lab setup tries it when it starts the embedded host, whose guests get it where it works)`,
  );
  expect(existsSync(own.cache)).toBe(false);
  const tried = `tried on this boot of the machine, kept in ${own.cache}/kvm.json`;
  await provenOnce(recordUntilReboot(own.cache, device), async () => ({ kind: "fails", seen: "hangs\nmore" }));
  expect(said()).toBe(`there  KVM  runs no guest: hangs (${tried}; ${EMULATES})`);
  rmSync(own.cache, { recursive: true });
  await provenOnce(recordUntilReboot(own.cache, device), async () => ({ kind: "works" }));
  expect(said()).toBe(`there  KVM  runs a guest (${tried}; the embedded host's guests get it)`);
  utimesSync(device, 1, 1);
  expect(said()).toContain("not known to work");
});
