import { execFileSync } from "node:child_process";
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dropImageRoots, dropUnusedImages, keepFormerImage } from "../../drivers/image-roots";
import { fakeNix } from "../fixtures/fake-nix";

let folder = "";
let stack = "";
let pool = "";
let root = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "roots-"));
  stack = join(folder, "stack");
  pool = join(stack, "pool");
  root = join(stack, "image");
  mkdirSync(pool, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function image(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  execFileSync("qemu-img", ["create", "-q", "-f", "qcow2", join(path, "disk.qcow2"), "1M"]);
  return path;
}

const overlay = (name: string, on: string): Buffer =>
  execFileSync("qemu-img", [
    "create",
    "-q",
    "-f",
    "qcow2",
    "-b",
    join(on, "disk.qcow2"),
    "-F",
    "qcow2",
    join(pool, name),
  ]);

const links = (): readonly string[] =>
  readdirSync(stack)
    .filter((name) => lstatSync(join(stack, name)).isSymbolicLink())
    .sort();

it("keeps the former image as long as a volume stands on it", async () => {
  const [former, next] = [image("aaaaaaaa-one"), image("bbbbbbbb-two")];
  symlinkSync(former, root);
  overlay("worker-0.qcow2", former);
  writeFileSync(join(pool, "cloudinit.iso"), "no qcow2");
  const runner = fakeNix(folder, 'ln -sfn "$2" "$4"');
  await keepFormerImage(root, { outPath: next, flavour: "tiny" }, runner);
  expect(links()).toEqual(["image", "image-aaaaaaaa"]);

  dropUnusedImages(root, pool);
  expect(links()).toEqual(["image", "image-aaaaaaaa"]);
  overlay("worker-0.qcow2", next);
  dropUnusedImages(root, pool);
  expect(links()).toEqual(["image"]);
});

it("has nothing to keep at first, for the same image, and for one that is gone", async () => {
  const same = image("cccccccc-same");
  const runner = fakeNix(folder, "exit 1");
  const keep = (outPath: string): Promise<void> => keepFormerImage(root, { outPath, flavour: "tiny" }, runner);
  await expect(keep(same)).resolves.toBeUndefined();
  symlinkSync(same, root);
  await expect(keep(same)).resolves.toBeUndefined();
  rmSync(same, { recursive: true });
  await expect(keep("/nix/store/other")).resolves.toBeUndefined();
});

it("keeps all where the pool cannot be seen, and drops all with the stack", () => {
  symlinkSync(image("dddddddd-x"), root);
  symlinkSync(join(folder, "dddddddd-x"), join(stack, "image-dddddddd"));
  dropUnusedImages(root, join(folder, "on another host"));
  expect(links()).toEqual(["image", "image-dddddddd"]);
  dropImageRoots(root);
  expect(links()).toEqual([]);
  expect(readdirSync(stack)).toEqual(["pool"]);
  expect(() => dropImageRoots(join(folder, "no stack", "image"))).not.toThrow();
});
