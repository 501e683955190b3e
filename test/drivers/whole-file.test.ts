import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { putOnce, writeWholeFile } from "../../drivers/whole-file";

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

test("what is put once stays what it was, and only its owner reads it", () => {
  const path = join(directory, "passphrase");
  putOnce(path, "first", 0o600);
  putOnce(path, "second", 0o600);
  expect(readFileSync(path, "utf8")).toBe("first");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(directory).filter((name) => name.startsWith("passphrase"))).toEqual(["passphrase"]);
});
