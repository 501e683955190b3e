import { cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { placesOf } from "../../cli/places";
import { pulumiHome } from "../../cli/pulumi-environment";
import { pulumiInUse } from "../../cli/setup/pulumi-cli";
import { runLocally } from "../../drivers/local-runner";
import type { Argv } from "../../plan/step";
import { makeClone, succeeded, type Clone } from "../fixtures/clone";
import { previewedSteps } from "../fixtures/engine-steps";
import { startProgram, timelineEvents, untilStep } from "../fixtures/killed-up";
import { TINY_STACK } from "../fixtures/tiny-stack";

/** Without ./lab: what a person does who has Pulumi, Nix and a libvirt. Real guests, tiny image. */

const MINUTE = 60_000;
const STACK = "tiny";
const RANDOM_SDK = "node_modules/@pulumi/random/package.json";

const CONFIGURATION = `${TINY_STACK}  replikube:kubernetes:
    kubeadm:
      apiServer:
        extraArgs: [{ name: "profiling", value: "false" }]
        certSANs: ["lab.invalid"]
    kubelet: { maxPods: 50, podPidsLimit: 100 }
    roles: { worker: { labels: { tier: lab, zone: a }, taints: [{ key: lab, effect: PreferNoSchedule }] } }
`;

/** The same, said in another way. */
const OTHER_FORM = `# a comment
config:
  replikube:kubernetes: { # another
    "roles": { worker: { taints: [{ effect: PreferNoSchedule, key: "lab" }], labels: { zone: "a", tier: "lab" } } },
    kubelet: { podPidsLimit: 100, maxPods: 50 },
    kubeadm: { apiServer: { certSANs: [lab.invalid], extraArgs: [{ value: "false", name: profiling }] } } }
${TINY_STACK.trimEnd().split("\n").slice(1).toReversed().join("\n\n")}
`;

let clone: Clone;
let environment: Readonly<Record<string, string>>;

const command = (...args: string[]): Argv => ["pulumi", ...args, "--stack", STACK, "--non-interactive"];
const pulumi = async (...args: string[]) =>
  succeeded(await runLocally(command(...args), { cwd: clone.folder, environment }));

/** What it prints for a program to read. */
const json = async (...args: string[]): Promise<string> => {
  const result = await runLocally(command(...args), { cwd: clone.folder, environment });
  succeeded(result);
  return result.stdout;
};

const configuration = (): string => join(clone.folder, "Pulumi.tiny.yaml");

const move = (from: string, to: string): void => renameSync(join(clone.folder, from), join(clone.folder, to));

/** The prerequisites are taken as ./lab finds them, then ./lab goes. */
beforeAll(async () => {
  clone = await makeClone();
  succeeded(await clone.lab("setup"));
  writeFileSync(configuration(), CONFIGURATION);
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
  "goes the same way: up, no change, refresh, no change",
  async () => {
    expect(await pulumi("up", "--yes", "--skip-preview")).toMatch(/\+ \d+ created/);
    expect(await pulumi("preview", "--expect-no-changes")).toMatch(/^ +\d+ unchanged$/m);
    await pulumi("refresh", "--yes", "--skip-preview");
    expect(await pulumi("preview", "--expect-no-changes")).toMatch(/^ +\d+ unchanged$/m);
  },
  10 * MINUTE,
);

const newer = (from: string, to: string) => (text: string) => text.replaceAll(`"${from}"`, `"${to}"`);
const nextVersion = (version: string): string => version.replace(/\d+$/, (patch) => String(Number(patch) + 1));

/** What the engine is told of a package and of its plugin, which is in the cache under that version. What is there goes by the older one. */
function upgradeRandom(): void {
  const version = /"version": "([^"]+)"/.exec(readFileSync(join(clone.folder, RANDOM_SDK), "utf8"))?.[1] ?? "";
  clone.edit(RANDOM_SDK, newer(version, nextVersion(version)));
  clone.edit("providers/random/main.ts", newer(version, nextVersion(version)));
  const plugin = join(pulumiHome(placesOf(clone.folder)), "plugins/resource-random-v");
  cpSync(`${plugin}${version}`, `${plugin}${nextVersion(version)}`, { recursive: true });
}

it(
  "a newer version of the providers and their packages and edited code of a dynamic one change nothing but a default provider",
  async () => {
    upgradeRandom();
    for (const file of ["package.json", "resource-options.ts"])
      clone.edit(`sdks/libvirt/${file}`, newer("0.5.4", "0.5.5"));
    clone.edit("providers/libvirt/main.ts", newer("0.5.4", "0.5.5"));
    clone.edit("resources/kubeadm-init.ts", (text) =>
      text.replace("async delete() {},", "async delete() {\n    return;\n  },"),
    );
    succeeded(await clone.run("npm", "run", "--silent", "build"));
    expect(previewedSteps(await json("preview", "--json"))).toEqual([]);
  },
  3 * MINUTE,
);

it(
  "another order of the configuration, inside of its settings too, comments and form change nothing",
  async () => {
    const salt = /^encryptionsalt:.*$/m.exec(readFileSync(configuration(), "utf8"))?.[0] ?? "";
    writeFileSync(configuration(), `${salt}\n${OTHER_FORM}`);
    expect(await pulumi("preview", "--expect-no-changes")).toMatch(/^ +\d+ unchanged$/m);
    await pulumi("destroy", "--yes", "--skip-preview");
    expect(await clone.libvirtObjects()).toEqual([]);
  },
  5 * MINUTE,
);
