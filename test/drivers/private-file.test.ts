import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withPrivateDirectory, writePrivateFile } from "../../drivers/private-file";

const directory = mkdtempSync(join(tmpdir(), "private-file-"));
afterAll(() => rmSync(directory, { recursive: true }));

const mode = (path: string): number => statSync(path).mode & 0o777;

test("a file that everybody could read is replaced by one that nobody else can", () => {
  const path = join(directory, "kubeconfig");
  writeFileSync(path, "old", { mode: 0o644 });
  writePrivateFile(path, "new");
  expect(readFileSync(path, "utf8")).toBe("new");
  expect(mode(path)).toBe(0o600);
});

test("nothing is left beside it, and missing directories are made for nobody else", () => {
  writePrivateFile(join(directory, "stacks", "dev", "kubeconfig"), "text");
  expect(readdirSync(join(directory, "stacks", "dev"))).toEqual(["kubeconfig"]);
  expect(mode(join(directory, "stacks", "dev"))).toBe(0o700);
});

test("a private directory is gone afterwards, on failure too", async () => {
  let seen = "";
  const use = withPrivateDirectory(directory, async (path) => {
    seen = path;
    expect(mode(path)).toBe(0o700);
    await Promise.reject(new Error("in between"));
  });
  await expect(use).rejects.toThrow("in between");
  expect(existsSync(seen)).toBe(false);
});
