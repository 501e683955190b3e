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
import { imageFacts } from "../fixtures/experiment";
import { git, writeTinyFlake } from "../fixtures/tiny-flake";

/** The driver with the real Nix, on images that /bin/sh makes at once. */

jest.setTimeout(120_000);

const system = process.arch === "arm64" ? "aarch64-linux" : "x86_64-linux";
const facts = { ...imageFacts, system };

let folder = "";
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "nix-driver-")));
  // Another text each time is another derivation, so that nothing is built already.
  writeTinyFlake(folder, { ...facts, boot: { ...facts.boot, commandLine: `run=${folder}` } });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const source = (attribute = "node-image-tiny") => ({ flake: ".", attribute, flavour: "tiny" }) as const;
const evaluated = (attribute?: string) => evaluateImage(source(attribute), folder);
const build = (attribute: string, more: Partial<ImageBuild> = {}): Promise<string> =>
  buildImage({
    ...source(attribute),
    checkout: folder,
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

it("knows facts, derivation and path by evaluation alone", async () => {
  const image = await evaluated();
  expect(image.facts.kubernetesVersion).toBe(facts.kubernetesVersion);
  expect(image.drvPath).toMatch(/^\/nix\/store\/[a-z0-9]{32}-good-image\.drv$/);
  expect(image.outPath).toMatch(/^\/nix\/store\/[a-z0-9]{32}-good-image$/);
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
  await keepFormerImage(root, { outPath, flavour: "tiny" });
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
    /first line\nlast words\nerror: builder for '\S+-failing-image\.drv' failed[^]*\nnext: read the builder's/,
  );
  expect(lstatSync(join(folder, ".state/stacks/dev/image")).isSymbolicLink()).toBe(true);
  expect(realpathSync(join(folder, ".state/stacks/dev/image"))).toBe(good);
});

it("shows the words of the part that failed, not only that the image depends on it", async () => {
  expect(await failureOf(build("depending"))).toMatch(
    /inner words[^]*inner-part\.drv' failed[^]*next: read the builder's/,
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
    /next: set imageAttribute to an image of the flake: depending, failing, lying, node-image-tiny, thrown, unbalanced$/,
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

it("asks Nix once for one content of a git checkout, and again for another", async () => {
  git(folder, "init", "-q");
  git(folder, "add", "flake.nix", "facts.json");
  git(folder, "commit", "-q", "-m", "one");
  const first = await loadImage(source(), folder);
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
  expect(changed.drvPath).not.toBe(first.drvPath);
});

/** Folder with git alone. */
function withoutNix(): string {
  const bin = mkdtempSync(join(folder, "bin-"));
  const program = execFileSync("sh", ["-c", "command -v git"], { encoding: "utf8" }).trim();
  writeFileSync(join(bin, "git"), `#!/bin/sh\nexec ${program} "$@"\n`, { mode: 0o755 });
  return bin;
}

it("has nothing to remember for a flake whose content nobody knows", async () => {
  await expect(imageCacheFile(source(), folder)).resolves.toBeUndefined();
  const remote = (flake: string) => imageCacheFile({ ...source(), flake }, folder);
  await expect(remote("github:someone/lab")).resolves.toBeUndefined();
  await expect(remote(`github:someone/lab/${"0a".repeat(20)}`)).resolves.toMatch(/\.json$/);
});
