import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeWholeFile } from "../../drivers/whole-file";

const directory = mkdtempSync(join(tmpdir(), "whole-file-"));
afterAll(() => rmSync(directory, { recursive: true }));

test("missing directories are made, and nothing is left beside it", () => {
  const path = join(directory, "claims", "lab-dev.json");
  writeWholeFile(path, "first");
  writeWholeFile(path, "second");
  expect(readFileSync(path, "utf8")).toBe("second");
  expect(readdirSync(join(directory, "claims"))).toEqual(["lab-dev.json"]);
});

test("what a killed one with the same pid left beside is no hindrance", () => {
  const path = join(directory, "record");
  writeFileSync(`${path}.${process.pid}.new`, "half");
  writeWholeFile(path, "whole");
  expect(readFileSync(path, "utf8")).toBe("whole");
  expect(readdirSync(directory).filter((name) => name.startsWith("record"))).toEqual(["record"]);
});

test("one that cannot be put in its place leaves nothing beside it", () => {
  const path = join(directory, "taken");
  mkdirSync(path);
  expect(() => writeWholeFile(path, "text")).toThrow("EISDIR");
  expect(readdirSync(directory).filter((name) => name.startsWith("taken"))).toEqual(["taken"]);
});
