import { execFileSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { imageCacheFile } from "../../drivers/image-cache";
import { keepFormerImage } from "../../drivers/image-roots";
import { buildImage, evaluateImage, type ImageBuild } from "../../drivers/nix";
import { nixEnvironment } from "../../drivers/nix-environment";
import { loadImage } from "../../facts/image";
import { localRunner, runLocally } from "../../drivers/local-runner";
import { nixErrorText } from "../../plan/nix-log";
import { nixFailureOf } from "../../plan/nix-failures";
import { imageFacts } from "../fixtures/experiment";
import { environmentOf, nixVersions } from "../fixtures/nix-versions";
import { git, writeTinyFlake } from "../fixtures/tiny-flake";

/** The driver with real Nix of several years, on images that /bin/sh makes at once. */

jest.setTimeout(120_000);

const system = process.arch === "arm64" ? "aarch64-linux" : "x86_64-linux";
const facts = { ...imageFacts, system };

let home = "";
let folder = "";
const outside = { ...process.env };
beforeEach(() => {
  folder = mkdtempSync(join(home, "flake-"));
  // Another text each time is another derivation, so that nothing is built already.
  writeTinyFlake(folder, { ...facts, boot: { ...facts.boot, commandLine: `run=${folder}` } });
});
afterEach(() => setEnvironment({ STORE_SIZE: undefined, NIX_CONFIG: outside["NIX_CONFIG"] }));

function setEnvironment(variables: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}

const source = (attribute = "node-image-tiny") => ({ flake: ".", attribute, flavour: "tiny" }) as const;
const evaluated = (attribute?: string) => evaluateImage(source(attribute), folder);
const build = (attribute: string, more: Partial<ImageBuild> = {}): Promise<string> =>
  buildImage({
    ...source(attribute),
    checkout: folder,
    store: { kind: "as named" },
    root: join(folder, ".state/stacks/dev/image"),
    report: () => undefined,
    ...more,
  });
const failureOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "it did not fail",
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
const nix = (...args: readonly string[]): string =>
  execFileSync("nix", args, { encoding: "utf8", stdio: "pipe", env: { ...process.env, ...nixEnvironment("tiny") } });

/** Folder with git alone. */
function withoutNix(): string {
  const bin = mkdtempSync(join(folder, "bin-"));
  const program = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();
  writeFileSync(join(bin, "git"), `#!/bin/sh\nexec ${program} "$@"\n`, { mode: 0o755 });
  return bin;
}

/** What Nix writes when it runs with this configuration alone. */
async function said(config: string, ...args: readonly string[]): Promise<string> {
  return (await runLocally(["nix", ...args], { environment: { LC_ALL: "C", NIX_CONFIG: config } })).stderr;
}

const versions = nixVersions();

for (const { title, obstacle } of versions) {
  if (obstacle !== undefined) it.todo(`does the same with ${title}, but ${obstacle}`);
}

describe.each(versions.filter(({ obstacle }) => obstacle === undefined))("$title", (version) => {
  let own: Readonly<Record<string, string>> = {};
  beforeAll(() => {
    home = realpathSync(mkdtempSync(join(tmpdir(), "nix-driver-")));
    own = environmentOf(version, home);
    setEnvironment(own);
  });
  afterAll(() => {
    setEnvironment(Object.fromEntries(Object.keys(own).map((name) => [name, outside[name]])));
    execFileSync("chmod", ["-R", "u+w", home]); // what is in a store is not
    rmSync(home, { recursive: true });
  });

  it("is the one that it is called", () => {
    expect(nix("--version").trim()).toBe(version.banner);
  });

  it("knows facts, derivation and path by evaluation alone", async () => {
    const image = await evaluated();
    expect(image.facts.kubernetesVersion).toBe(facts.kubernetesVersion);
    expect(image.drvPath).toMatch(/\/nix\/store\/[a-z0-9]{32}-good-image\.drv$/);
    expect(image.outPath).toMatch(/\/nix\/store\/[a-z0-9]{32}-good-image$/);
    expect(existsSync(image.outPath)).toBe(false);
    expect(existsSync(join(folder, "flake.lock"))).toBe(false);
  });

  it("builds what was evaluated, tells of it, and keeps it from the garbage collector as long as the link stands", async () => {
    const { facts: expected, outPath } = await evaluated();
    const reports: string[] = [];
    const root = join(folder, ".state/stacks/dev/image");
    await expect(build("node-image-tiny", { facts: expected, report: (line) => reports.push(line) })).resolves.toBe(
      outPath,
    );
    expect(reports).toEqual(["building good-image (0 of 1 built)"]);
    expect(readlinkSync(root)).toBe(outPath);
    expect(() => nix("store", "delete", outPath)).toThrow("still alive");
    await build("node-image-tiny", { facts: expected, report: (line) => reports.push(line) });
    expect(reports).toHaveLength(1);

    rmSync(root);
    nix("store", "delete", outPath);
    expect(existsSync(outPath)).toBe(false);
  });

  it("keeps the former image too when the stack gets another", async () => {
    const first = await build("node-image-tiny");
    const root = join(folder, ".state/stacks/dev/image");
    writeTinyFlake(folder, { ...facts, boot: { ...facts.boot, commandLine: `second=${folder}` } });
    const { outPath } = await evaluated();
    await keepFormerImage(root, outPath, { flavour: "tiny", store: { kind: "as named" }, runner: localRunner });
    await build("node-image-tiny");
    expect(readlinkSync(root)).toBe(outPath);
    expect(() => nix("store", "delete", first)).toThrow("still alive");
    expect(readdirSync(join(folder, ".state/stacks/dev")).filter((name) => name.startsWith("image"))).toHaveLength(2);
  });

  it("leaves the link as it was when a build fails, and shows the builder's name and last words", async () => {
    const good = await build("node-image-tiny");
    const text = await failureOf(build("failing"));
    expect(text).toMatch(/build failing of \. failed: .*nix build/);
    expect(text).toMatch(
      /first line\nlast words\nerror: (builder for|Cannot build) '\S+-failing-image\.drv'[^]* failed with exit code 3[^]*\nnext: read the builder's/,
    );
    expect(lstatSync(join(folder, ".state/stacks/dev/image")).isSymbolicLink()).toBe(true);
    expect(realpathSync(join(folder, ".state/stacks/dev/image"))).toBe(good);
  });

  it("shows the words of the part that failed, not only what all depends on it", async () => {
    expect(await failureOf(build("depending"))).toMatch(
      /inner words\nerror: .*-inner-part\.drv'[^]* failed with exit code 4[^]*next: read the builder's/,
    );
  });

  it("refuses an image that says something else than its facts", async () => {
    const { facts: expected } = await evaluated("lying");
    expect(await failureOf(build("lying", { facts: expected }))).toContain(
      "differs from its evaluated facts in kubernetesVersion",
    );
  });

  it("lists the images that there are when one is named that is not", async () => {
    expect(await failureOf(evaluated("node-image-tinny"))).toMatch(
      /next: set imageAttribute, or the role's attribute in images, to an image of the flake: bash, demanding, .*, node-image-tiny, random, thrown, unbalanced$/,
    );
  });

  it("shows where an evaluation failed, and why", async () => {
    expect(await failureOf(evaluated("unbalanced"))).toMatch(
      /flake\.nix:\d+:\d+[^]*next: mend the flake at the position/,
    );
    expect(await failureOf(evaluated("thrown"))).toContain("this image is not finished");
    writeFileSync(join(folder, "flake.nix"), "{ outputs = _: { ");
    expect(await failureOf(evaluated())).toMatch(/syntax error[^]*flake\.nix:1:\d+/);
  });

  it("tells what to do about what no builder can do anything about", async () => {
    expect(await failureOf(build("elsewhere"))).toMatch(/riscv64-linux[^]*next: this machine may not build it/);
    expect(await failureOf(build("demanding"))).toMatch(/unheard-of[^]*next: this machine may not build it/);
    setEnvironment({ NIX_CONFIG: "max-jobs = 0" });
    expect(await failureOf(build("node-image-tiny"))).toMatch(/max-jobs[^]*next: this machine may not build it/);
  });

  it("tells what to do about what cannot be had, or is something else", async () => {
    setEnvironment({ NIX_CONFIG: "download-attempts = 1" });
    for (const failure of [build("fetched"), evaluated("downloaded")]) {
      expect(await failureOf(failure)).toMatch(/127\.0\.0\.1:1\/disk[^]*next: check that the package registries/);
    }
    expect(await failureOf(build("mismatched"))).toMatch(/specified: [^]*next: what was downloaded is not what/);
  });

  it("knows a sandbox that hides the machine's own tools", async () => {
    setEnvironment({ NIX_CONFIG: "sandbox = true" });
    expect(await failureOf(build("bash"))).toMatch(
      /executing '\/bin\/bash'[^]*next: run this as root, with sandbox = f/,
    );
  });

  it("knows a full disk", async () => {
    setEnvironment({ STORE_SIZE: "4k" });
    expect(await failureOf(build("node-image-tiny"))).toMatch(/No space left on device[^]*next: free some space/);
  });

  it("knows what the driver itself never asks for: no flakes, and a second build that differs", async () => {
    expect(nixFailureOf(await said("", "eval", `${folder}#x`))).toBe("old nix");
    const config = nixEnvironment("tiny")["NIX_CONFIG"] ?? "";
    const random = `${folder}#packages.${system}.random`;
    await said(config, "build", "--no-link", random);
    const second = await said(config, "build", "--no-link", "--rebuild", random);
    expect(nixFailureOf(nixErrorText(second))).toBe("not deterministic");
  });

  it("does not take for the error what Nix warns of", async () => {
    setEnvironment({ NIX_CONFIG: "experimental-features = nix-command flakes unheard-of" });
    expect(await failureOf(evaluated("thrown"))).toMatch(
      /feature 'unheard-of'[^]*next: mend the flake at the position/,
    );
  });

  it("asks Nix once for one content of a git checkout, and again for another", async () => {
    git(folder, "init", "-q");
    git(folder, "add", "flake.nix", "facts.json");
    git(folder, "commit", "-q", "-m", "one");
    const { nixSeconds = 0, ...first } = await loadImage(source(), folder);
    expect(nixSeconds).toBeGreaterThan(0);
    const file = await imageCacheFile(source(), folder);
    expect(file).toMatch(/\.state\/facts\/[0-9a-f]{32}\.json$/);
    if (file === undefined) return;

    const path = process.env["PATH"];
    process.env["PATH"] = withoutNix();
    try {
      await expect(loadImage(source(), folder)).resolves.toEqual(first);
      // A message, a file that git does not know: nothing of the flake.
      git(folder, "commit", "-q", "--allow-empty", "-m", "two");
      writeFileSync(join(folder, "notes"), "");
      await expect(loadImage(source(), folder)).resolves.toEqual(first);
      // Broken or half, it is as if it were not there.
      writeFileSync(file, "{");
      await expect(loadImage(source(), folder)).rejects.toThrow(/no nix on PATH/);
    } finally {
      process.env["PATH"] = path;
    }
    writeTinyFlake(folder, { ...facts, boot: { ...facts.boot, commandLine: "changed" } });
    const changed = await loadImage(source(), folder);
    expect(changed.image.drvPath).not.toBe(first.image.drvPath);
  });

  it("has nothing to remember for a flake whose content nobody knows", async () => {
    await expect(imageCacheFile(source(), folder)).resolves.toBeUndefined();
    const remote = (flake: string) => imageCacheFile({ ...source(), flake }, folder);
    await expect(remote("github:someone/lab")).resolves.toBeUndefined();
    await expect(remote(`github:someone/lab/${"0a".repeat(20)}`)).resolves.toMatch(/\.json$/);
  });
});
