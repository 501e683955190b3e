import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { evaluateImage } from "../../drivers/nix";
import { git } from "../fixtures/tiny-flake";

/** This project's own flake, evaluated from a clone. Nothing is built. */

jest.setTimeout(300_000);

const checkout = resolve(__dirname, "../..");
const source = (attribute: string) => ({ flake: ".", attribute, flavour: "debian" }) as const;

let clone = "";
beforeAll(() => {
  clone = join(realpathSync(mkdtempSync(join(tmpdir(), "flake-"))), "clone");
  git(checkout, "clone", "-q", "--no-local", "--depth=1", `file://${checkout}`, clone);
});
afterAll(() => rmSync(resolve(clone, ".."), { recursive: true, force: true }));

const nixFiles = readdirSync(checkout, { recursive: true, encoding: "utf8" }).filter(
  (name) => name.endsWith(".nix") && !/^(node_modules|bin|\.state|\.git)\//.test(name),
);

it("has Nix files, and Nix can read each of them", () => {
  expect(nixFiles.length).toBeGreaterThan(5);
  for (const name of nixFiles) {
    const parse = () =>
      execFileSync("nix-instantiate", ["--parse", join(checkout, name)], { stdio: ["ignore", "ignore", "pipe"] });
    expect(parse).not.toThrow();
  }
});

it("knows the debian image without nixpkgs and without a network", async () => {
  const { facts, drvPath, outPath } = await evaluateImage(source("node-image-debian"), clone);
  expect(facts.flavour).toBe("debian");
  expect(facts.kubernetesVersion).toMatch(/^v1\.\d+\.\d+$/);
  const images = facts.containerImages.join(" ");
  for (const name of ["kube-apiserver", "etcd", "coredns", "pause"]) expect(images).toContain(`/${name}:`);
  expect(facts.containerImages).toEqual([...facts.containerImages].sort());
  expect(facts.cni.manifest).toContain("@POD_SUBNET@");
  expect(drvPath).toMatch(/\.drv$/);
  expect(outPath).toMatch(/-node-image-debian$/);
});

it("has the same derivation after a commit that touches no source of the image, and another after one that does", async () => {
  const before = await evaluateImage(source("node-image-debian"), clone);
  writeFileSync(join(clone, "README.md"), "# another text\n");
  writeFileSync(join(clone, "index.ts"), "// another program\n");
  git(clone, "commit", "-q", "-a", "-m", "no source of the image");
  await expect(evaluateImage(source("node-image-debian"), clone)).resolves.toEqual(before);

  const lock = join(clone, "nix/debian/make-root.sh");
  writeFileSync(lock, "# changed\n");
  git(clone, "commit", "-q", "-a", "-m", "a source of the image");
  const after = await evaluateImage(source("node-image-debian"), clone);
  expect(after.drvPath).not.toBe(before.drvPath);
});
