import { execFileSync } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dropImageRoot, dropUnusedImages, imageRoot, keepFormerImage } from "../../drivers/image-roots";
import { fakeNix } from "../fixtures/fake-nix";
import { unprivileged } from "../fixtures/unprivileged";

const here = { flavour: "tiny", store: { kind: "as named" } } as const;

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
  await keepFormerImage(root, next, { ...here, runner });
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
  const keep = (outPath: string): Promise<void> => keepFormerImage(root, outPath, { ...here, runner });
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
  dropImageRoot(root, pool);
  expect(links()).toEqual([]);
  expect(readdirSync(stack)).toEqual(["pool"]);
  expect(() => dropImageRoot(join(folder, "no stack", "image"), pool)).not.toThrow();
});

it.each([
  ["that this user may not list", (): void => chmodSync(pool, 0o111)],
  ["that this user may not enter", (): void => chmodSync(pool, 0o444)],
  ["with a disk that this user may not read", (): void => chmodSync(join(pool, "worker-0.qcow2"), 0)],
])("keeps all with a pool %s", (_, close) => {
  const former = image("dddddddd-x");
  symlinkSync(former, root);
  symlinkSync(former, join(stack, "image-dddddddd"));
  overlay("worker-0.qcow2", image("eeeeeeee-y"));
  chmodSync(folder, 0o755);
  chmodSync(stack, 0o777);
  close();
  unprivileged(() => dropUnusedImages(root, pool));
  chmodSync(pool, 0o755);
  expect(links()).toEqual(["image", "image-dddddddd"]);
});

it("keeps the workers' own image beside the stack's, and takes it away alone", () => {
  const [ours, workers, former] = [image("eeeeeeee-ours"), image("ffffffff-workers"), image("00000000-former")];
  const workersRoot = join(stack, "worker-image");
  symlinkSync(ours, root);
  symlinkSync(workers, workersRoot);
  symlinkSync(former, join(stack, "image-00000000"));
  // Nothing stands on the workers' image yet: its machines are made after it.
  overlay("control-plane-0.qcow2", former);
  dropUnusedImages(root, pool);
  expect(links()).toEqual(["image", "image-00000000", "worker-image"]);

  dropImageRoot(workersRoot, pool);
  expect(links()).toEqual(["image", "image-00000000"]);
  overlay("control-plane-0.qcow2", ours);
  dropImageRoot(workersRoot, pool);
  expect(links()).toEqual(["image"]);
});

it("has a link for each image of a stack", () => {
  expect(imageRoot("/checkout", { stack: "dev" })).toBe("/checkout/.state/stacks/dev/image");
  expect(imageRoot("/checkout", { stack: "dev", role: "worker" })).toBe("/checkout/.state/stacks/dev/worker-image");
});

it("knows an image in a store below another root, whose links name it as if it were in /nix/store", async () => {
  const entries = join(folder, "root/nix/store");
  mkdirSync(entries, { recursive: true });
  const name = "11111111-rooted";
  renameSync(image(name), join(entries, name));
  symlinkSync(`/nix/store/${name}`, root);
  const store = { kind: "rooted", entries, database: "" } as const;
  const runner = fakeNix(folder, 'ln -sfn "$2" "$4"');
  await keepFormerImage(root, join(entries, name), { ...here, store, runner });
  expect(links()).toEqual(["image"]);
  await keepFormerImage(root, join(entries, "22222222-next"), { ...here, store, runner });
  overlay("worker-0.qcow2", join(entries, name));
  dropUnusedImages(root, pool);
  expect(links()).toEqual(["image", "image-11111111"]);
});
