import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { placesOf } from "../../cli/places";
import { pulumiHome } from "../../cli/pulumi-environment";
import { pulumiInUse } from "../../cli/setup/pulumi-cli";
import { runLocally } from "../../drivers/local-runner";
import type { Argv } from "../../plan/step";
import { makeClone, succeeded, type Clone } from "../fixtures/clone";
import { startProgram, timelineEvents, untilStep } from "../fixtures/killed-up";
import { TINY_STACK } from "../fixtures/tiny-stack";

/** Without ./lab: what a person does who has Pulumi, Nix and a libvirt. Real guests, tiny image. */

const MINUTE = 60_000;
const STACK = "tiny";

let clone: Clone;
let environment: Readonly<Record<string, string>>;

const command = (...args: string[]): Argv => ["pulumi", ...args, "--stack", STACK, "--non-interactive"];
const pulumi = async (...args: string[]) =>
  succeeded(await runLocally(command(...args), { cwd: clone.folder, environment }));

const move = (from: string, to: string): void => renameSync(join(clone.folder, from), join(clone.folder, to));

/** The prerequisites are taken as ./lab finds them, then ./lab goes. */
beforeAll(async () => {
  clone = await makeClone();
  succeeded(await clone.lab("setup"));
  writeFileSync(join(clone.folder, "Pulumi.tiny.yaml"), TINY_STACK);
  const places = placesOf(clone.folder);
  const program = (await pulumiInUse(places)) ?? "";
  move("lab", "lab.away");
  mkdirSync(join(clone.folder, "backend"));
  environment = {
    PATH: `${join(program, "..")}:${process.env["PATH"] ?? ""}`,
    PULUMI_HOME: pulumiHome(places),
    PULUMI_BACKEND_URL: `file://${clone.folder}/backend`,
    PULUMI_CONFIG_PASSPHRASE: "only for this test",
    LIBVIRT_DEFAULT_URI: await clone.virsh("uri"),
  };
  await pulumi("stack", "init");
}, 10 * MINUTE);

afterAll(async () => {
  move("lab.away", "lab");
  await clone.remove();
}, 5 * MINUTE);

it(
  "an interrupt ends it once the resource is made that it is at, and what it made is kept",
  async () => {
    const up = startProgram(command("up", "--yes", "--skip-preview"), clone.folder, environment);
    await untilStep(clone, STACK, "kubeadm-init", up);
    up.child.kill("SIGINT");
    expect((await up.ended).exitCode).not.toBe(0);
    const inits = timelineEvents(clone, STACK).filter(({ step }) => step === "kubeadm-init");
    expect(inits.map(({ event }) => event)).toEqual(["started", "finished"]);
    expect(await pulumi("stack", "--show-urns")).toMatch(/KubeadmInit::cluster$/m);
  },
  5 * MINUTE,
);

it(
  "goes the same way: up, no change, refresh, no change, destroy",
  async () => {
    expect(await pulumi("up", "--yes", "--skip-preview")).toMatch(/\+ \d+ created/);
    expect(await pulumi("preview", "--expect-no-changes")).toMatch(/^ +\d+ unchanged$/m);
    await pulumi("refresh", "--yes", "--skip-preview");
    expect(await pulumi("preview", "--expect-no-changes")).toMatch(/^ +\d+ unchanged$/m);
    await pulumi("destroy", "--yes", "--skip-preview");
    expect(await clone.libvirtObjects()).toEqual([]);
  },
  10 * MINUTE,
);
