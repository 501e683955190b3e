import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stackFolders } from "../../cli/garbage-search";
import { placesOf } from "../../cli/places";
import { stackDirectory } from "../../plan/plan-topology";
import { unprivileged } from "../fixtures/unprivileged";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "folders-"));
  chmodSync(root, 0o755);
});
afterEach(() => rmSync(root, { recursive: true }));

function poolOf(stack: string): string {
  const pool = join(stackDirectory(root, stack), "pool");
  mkdirSync(pool, { recursive: true });
  return pool;
}

it("takes a pool that this user may not look into for one with disks", () => {
  writeFileSync(join(poolOf("full"), "disk.qcow2"), "");
  poolOf("empty");
  mkdirSync(stackDirectory(root, "never-up"));
  const closed = poolOf("closed");
  chmodSync(closed, 0o111);
  const folders = unprivileged(() => stackFolders(placesOf(root)));
  chmodSync(closed, 0o755);
  expect(folders).toEqual([
    { stack: "closed", hasDisks: true },
    { stack: "empty", hasDisks: false },
    { stack: "full", hasDisks: true },
    { stack: "never-up", hasDisks: false },
  ]);
});
