import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openImageArchive, readImageArchive, type ImageArchive } from "../../drivers/image-archive";
import { loadImages, type LoadTarget } from "../../drivers/image-load";

const NODE_PROGRAM = join(__dirname, "../fixtures/image-load/node.sh");

const directory = mkdtempSync(join(tmpdir(), "image-load-"));
afterAll(() => rmSync(directory, { recursive: true }));

function archiveOf(name: string, files: Readonly<Record<string, string>>, ...flags: readonly string[]): string {
  const content = join(directory, `${name}-content`);
  mkdirSync(content);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(content, file), text);
  const path = join(directory, name);
  execFileSync("tar", ["-C", content, ...flags, "-cf", path, "."]);
  return path;
}

function fakeNode(machine: string, images: object): LoadTarget & { readonly state: string } {
  const state = join(directory, machine);
  mkdirSync(state);
  writeFileSync(join(state, "images.json"), JSON.stringify(images));
  return { machine, state, on: (command) => [NODE_PROGRAM, state, ...command] };
}

const saved = archiveOf("saved.tar", {
  "manifest.json": JSON.stringify([{ RepoTags: ["app:1"] }]),
  layer: "x".repeat(700_000),
});

const pinned = { images: [{ repoTags: ["docker.io/library/app:1"], pinned: true }] };

test("an archive tells its images, compressed or not", async () => {
  const zipped = archiveOf("saved.tgz", { "manifest.json": JSON.stringify([{ RepoTags: ["zipped"] }]) }, "-z");
  expect((await openImageArchive(saved)).images).toEqual(["docker.io/library/app:1"]);
  expect((await openImageArchive(zipped)).images).toEqual(["docker.io/library/zipped:latest"]);
});

test.each([
  ["no such file", () => join(directory, "nowhere.tar")],
  ["no tar archive", () => __filename],
  ["neither manifest.json nor index.json", () => archiveOf("other.tar", { "readme.txt": "hello" })],
  ["no image in it has a full name", () => archiveOf("nameless.tar", { "manifest.json": '[{"RepoTags":null}]' })],
])("what is no archive of named images is refused: %s", async (text, path) => {
  await expect(openImageArchive(path())).rejects.toThrow(text);
});

test("the node gets every byte and the labels that keep the images, and the progress ends at the whole", async () => {
  const node = fakeNode("dev-worker-0", pinned);
  const archive = await openImageArchive(saved);
  const progress: number[] = [];
  await loadImages(
    node,
    archive.images,
    readImageArchive(archive, (taken) => progress.push(taken)),
    {
      deadlineSeconds: 10,
    },
  );
  expect(readFileSync(join(node.state, "archive")).equals(readFileSync(saved))).toBe(true);
  expect(readFileSync(join(node.state, "calls"), "utf8")).toBe(
    "ctr --namespace k8s.io images import --label io.cri-containerd.image=managed --label io.cri-containerd.pinned=pinned -\n",
  );
  expect(progress.at(-1)).toBe(archive.bytes);
  expect(progress.length).toBeGreaterThan(1);
});

test("a failing import names the node, the command and the last lines", async () => {
  const node = fakeNode("dev-worker-1", pinned);
  writeFileSync(join(node.state, "broken"), "");
  const archive: ImageArchive = await openImageArchive(saved);
  const load = loadImages(
    node,
    archive.images,
    readImageArchive(archive, () => undefined),
    { deadlineSeconds: 10 },
  );
  await expect(load).rejects.toThrow(
    /dev-worker-1: import container images failed: ctr .* exited with code 1\n.*no space/,
  );
});
