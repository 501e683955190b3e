import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildImage, evaluateImage, flakeReference, type ImageBuild } from "../../drivers/nix";
import { localRunner } from "../../drivers/local-runner";
import type { CommandRunner } from "../../drivers/runner";
import { imageFacts } from "../fixtures/experiment";
import { fakeNix } from "../fixtures/fake-nix";

/** What is told apart of Nix's failures, with a program in its place that fails as Nix does. test/nix has the real one. */

let folder = "";
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "nix-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const source = { flake: ".", attribute: "node-image-tiny", flavour: "tiny" } as const;
const calls = (): string => readFileSync(join(folder, "calls"), "utf8");

const failureOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "it did not fail",
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );

const evaluation = (script: string): Promise<string> =>
  failureOf(evaluateImage(source, "/checkout", fakeNix(folder, script)));

/** A directory as the flake would build it, to which the script makes the link that it was asked for. */
function builtImage(text: string, files: readonly string[] = ["disk.qcow2", "vmlinuz", "initrd"]): CommandRunner {
  const image = join(folder, "built");
  mkdirSync(image);
  for (const name of files) writeFileSync(join(image, name), "");
  if (text !== "") writeFileSync(join(image, "image.json"), text);
  return fakeNix(
    folder,
    `while [ "$1" != --out-link ]; do shift; done\nmkdir -p "$(dirname "$2")"; ln -sfn "${image}" "$2"`,
  );
}

const build = (more: Partial<ImageBuild> = {}): ImageBuild => ({
  ...source,
  checkout: "/checkout",
  store: { kind: "as named" },
  root: join(folder, "stack", "image"),
  report: () => undefined,
  ...more,
});

it("takes a path relative to the checkout, and leaves any other reference alone", () => {
  expect(flakeReference(".", "/checkout")).toBe("/checkout");
  expect(flakeReference("./examples/a", "/checkout")).toBe("/checkout/examples/a");
  expect(flakeReference("/elsewhere", "/checkout")).toBe("/elsewhere");
  expect(flakeReference("github:someone/lab", "/checkout")).toBe("github:someone/lab");
});

it("says that there is no Nix, and what to do", async () => {
  const nowhere: CommandRunner = {
    ...localRunner,
    run: ([, ...args], options) => localRunner.run([join(folder, "nowhere/nix"), ...args], options),
  };
  const text = await failureOf(evaluateImage(source, "/checkout", nowhere));
  expect(text).toContain("evaluate node-image-tiny of . failed: there is no nix on PATH");
  expect(text).toMatch(/next: .*install Nix 2\.8/);
});

it("knows a Nix without flakes", async () => {
  const text = await evaluation("echo \"error: unrecognised flag '--no-write-lock-file'\" >&2; exit 1");
  expect(text).toMatch(/next: this Nix knows no flakes/);
});

it("lists the images that the flake has when the attribute is none", async () => {
  const text = await evaluation(`case "$*" in
    *attrNames) echo '["node-image","node-image-debian"]' ;;
    *) echo "error: flake 'path:/checkout' does not provide attribute 'x'" >&2; exit 1 ;;
  esac`);
  expect(text).toMatch(
    /next: set imageAttribute, or the role's attribute in images, to an image of the flake: node-image, node-image-debian$/,
  );
});

it("says when a flake is none of node images at all", async () => {
  const text = await evaluation("echo \"error: flake 'path:/checkout' does not provide attribute 'x'\" >&2; exit 1");
  expect(text).toMatch(/next: take a flake with the outputs imageFacts\.\S+ and packages/);
});

it.each([
  ["No space left on device", /next: free some space/],
  ["unable to download 'x': Couldn't resolve host name", /next: check that the package registries/],
  ["error: attribute 'a' missing, at /nix/store/x-source/flake.nix:3:5", /flake\.nix:3:5[^]*next: mend the flake/],
])("tells what to do about: %s", async (said, next) => {
  expect(await evaluation(`cat >&2 <<'END'\n${said}\nEND\nexit 1`)).toMatch(next);
});

it("names every fact that is not of the contract", async () => {
  const { boot, ...rest } = imageFacts;
  const facts = JSON.stringify({ ...rest, kubernetesVersion: "1.36.3", boot: { ...boot, disk: "../disk" } });
  const text = await evaluation(`case "$*" in *imageFacts*) printf %s '${facts}' ;; *) echo '{}' ;; esac`);
  expect(text).toContain("  boot.disk: expected a file name inside the image directory");
  expect(text).toContain("  kubernetesVersion: expected a version with its v");
});

it("evaluates one thing after the other where that makes the Nix store, which two at once cannot", async () => {
  const state = process.env["NIX_STATE_DIR"];
  process.env["NIX_STATE_DIR"] = join(folder, "nothing yet");
  const facts = JSON.stringify(imageFacts);
  const paths = '{"drv":"/nix/store/a.drv","out":"/nix/store/a"}';
  const alone = `mkdir '${folder}/one' || exit 9; sleep 0.1; rmdir '${folder}/one'`;
  try {
    const runner = fakeNix(
      folder,
      `${alone}\ncase "$*" in *imageFacts*) printf %s '${facts}' ;; *) printf %s '${paths}' ;; esac`,
    );
    await expect(evaluateImage(source, "/checkout", runner)).resolves.toMatchObject({ outPath: "/nix/store/a" });
  } finally {
    if (state === undefined) delete process.env["NIX_STATE_DIR"];
    else process.env["NIX_STATE_DIR"] = state;
  }
});

it("refuses a store that keeps its files elsewhere, before it asks for anything there", async () => {
  const text = await evaluation("echo 'store = ssh-ng://builder'");
  expect(text).toContain("evaluate node-image-tiny of . failed: Nix's setting store, ssh-ng://builder, names no store");
  expect(text).toMatch(/next: leave store at auto, and name another machine that is to build in builders/);
  expect(calls()).toBe("show-config\n");
});

it("knows the settings of a Nix that has given up their old name", async () => {
  const script = `case "$1" in
    show-config) echo "error: 'show-config' is not a recognised command" >&2; exit 1 ;;
    *) echo 'store = ssh-ng://builder' ;;
  esac`;
  expect(await evaluation(script)).toContain("ssh-ng://builder, names no store");
});

it("gives the stack's settings to every call, and looks for the image where they put the store", async () => {
  const facts = JSON.stringify(imageFacts);
  const script = `printf '%s\\n' "$NIX_CONFIG" | grep -qx 'cores = 7' || exit 7
  case "$*" in
    show-config) printf '%s\\n' "$NIX_CONFIG" | grep '^store' ;;
    *imageFacts*) printf %s '${facts}' ;;
    *) printf %s '{"drv":"/nix/store/a.drv","out":"/nix/store/a"}' ;;
  esac`;
  const nixSettings = { cores: "7", store: "/srv" };
  await expect(evaluateImage({ ...source, nixSettings }, "/checkout", fakeNix(folder, script))).resolves.toMatchObject({
    drvPath: "/nix/store/a.drv",
    outPath: "/srv/nix/store/a",
  });
});

it("answers the built directory when it is what the facts say", async () => {
  const runner = builtImage(JSON.stringify({ facts: imageFacts }));
  await expect(buildImage(build({ facts: imageFacts }), runner)).resolves.toBe(join(folder, "built"));
  expect(calls()).toMatch(/^build --no-write-lock-file .*\/checkout#packages\.\S+\.node-image-tiny$/m);
});

it.each([
  ["that has no image.json", "", undefined, "is no node image: it has no image.json"],
  [
    "that says something else",
    JSON.stringify({ facts: { ...imageFacts, kubernetesVersion: "v1.0.0" } }),
    undefined,
    "differs from its evaluated facts in kubernetesVersion",
  ],
  ["that lacks a file", JSON.stringify({ facts: imageFacts }), ["vmlinuz"], "lacks disk.qcow2, initrd"],
])("refuses an image %s", async (_case, text, files, said) => {
  expect(await failureOf(buildImage(build({ facts: imageFacts }), builtImage(text, files)))).toContain(said);
});

it("ends a failed build with the builder's own last lines", async () => {
  const drv = `/nix/store/${"a".repeat(32)}-kernel.drv`;
  const lines = [
    { action: "start", id: 3, level: 3, type: 105, text: `building '${drv}'`, fields: [drv, "", 1, 1] },
    { action: "result", id: 3, type: 101, fields: ["no rule to make target"] },
    { action: "msg", level: 0, msg: `error: builder for '${drv}' failed with exit code 2` },
  ].map((line) => `@nix ${JSON.stringify(line)}`);
  const reports: string[] = [];
  const runner = fakeNix(folder, `cat >&2 <<'END'\n${lines.join("\n")}\nEND\nexit 1`);
  const text = await failureOf(buildImage(build({ report: (line) => reports.push(line) }), runner));
  expect(text).toContain(
    `no rule to make target\nerror: builder for '${drv}' failed with exit code 2\nnext: read the builder's`,
  );
  expect(reports).toEqual(["building kernel (0 of 1 built)"]);
});
