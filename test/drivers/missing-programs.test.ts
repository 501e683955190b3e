import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { missingPrograms } from "../../drivers/missing-programs";

const folder = mkdtempSync(join(tmpdir(), "programs-"));
afterAll(() => rmSync(folder, { recursive: true }));

function put(name: string, mode: number): void {
  writeFileSync(join(folder, name), "");
  chmodSync(join(folder, name), mode);
}

test("a program is there when it can be run, wherever it came from", () => {
  put("nix-of-mine", 0o755);
  put("notes", 0o644);
  expect(missingPrograms(["nix-of-mine", "notes", "nothing"], `/nowhere:${folder}`)).toEqual(["notes", "nothing"]);
});

test("an empty part of PATH is not the folder one stands in", () => {
  expect(missingPrograms(["package.json"], ":")).toEqual(["package.json"]);
});

test("daemons are found, where a user's PATH does not look", () => {
  expect(missingPrograms(["ldconfig"], "/nowhere")).toEqual([]);
});
