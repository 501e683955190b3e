import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { usualLibvirt } from "../../cli/usual-libvirt";
import { placesOf } from "../../cli/places";
import type { Part } from "../../cli/setup/part";
import { checkoutParts, garbageParts, stackParts, type StackNeeds } from "../../cli/setup/stack-parts";

/** What setup leaves out for a stack whose libvirt is its user's. */

const folder = mkdtempSync(join(tmpdir(), "parts-"));
afterAll(() => rmSync(folder, { recursive: true }));

const setting = (stack: string, text: string): void => writeFileSync(join(folder, `Pulumi.${stack}.yaml`), text);
setting("here", "config:\n  replikube:workers: 1\n");
setting("away", "config:\n  replikube:libvirtUri: qemu+ssh://me@hv/system\n");

const NAMED = { LIBVIRT_DEFAULT_URI: "qemu:///system" };
const PACKAGES = "Debian packages for libvirt";

/** The two parts that make a hypervisor of this machine, or wait for one. */
const ofHypervisor = (parts: readonly Part[]): readonly string[] =>
  parts.map(({ name }) => name).filter((name) => [PACKAGES, "libvirt"].includes(name));

const taken = (needs: StackNeeds, environment: NodeJS.ProcessEnv = {}): readonly string[] =>
  ofHypervisor(stackParts(placesOf(folder), needs, environment));

test.each<readonly [string, readonly string[], StackNeeds, NodeJS.ProcessEnv]>([
  ["both, for the embedded host", [PACKAGES, "libvirt"], { stack: "here" }, {}],
  ["both, to read from the embedded host", [PACKAGES, "libvirt"], { stack: "here", reads: true }, {}],
  ["the one that the environment names", ["libvirt"], { stack: "here" }, NAMED],
  ["none, to read from one that the environment names", [], { stack: "here", reads: true }, NAMED],
  ["none, when the stack names its own", [], { stack: "away" }, {}],
  ["none, when the stack names its own beside the environment", [], { stack: "away" }, NAMED],
  ["none, for a plan", [], { stack: "here", plansOnly: true }, {}],
])("%s", (_, parts, needs, environment) => {
  expect(taken(needs, environment)).toEqual(parts);
});

test("setup and doctor: no package of a hypervisor where the environment names one", () => {
  expect(ofHypervisor(checkoutParts({}))).toEqual([PACKAGES, "libvirt"]);
  expect(ofHypervisor(checkoutParts(NAMED))).toEqual(["libvirt"]);
});

test("gc: no hypervisor where no stack ever used one of this machine", async () => {
  const parts = async (environment: NodeJS.ProcessEnv) =>
    ofHypervisor(garbageParts(await usualLibvirt(placesOf(folder), environment), environment));
  expect(await parts({})).toEqual([]);
  expect(await parts(NAMED)).toEqual(["libvirt"]);
  mkdirSync(join(folder, ".state/host"), { recursive: true });
  expect(await parts({})).toEqual([PACKAGES, "libvirt"]);
});
