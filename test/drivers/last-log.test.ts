import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keepAsLast, lastLog } from "../../drivers/last-log";

const folder = mkdtempSync(join(tmpdir(), "last-log-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("the log of a program that is started again is kept once", () => {
  const log = join(folder, "libvirtd.log");
  keepAsLast(log);
  expect(existsSync(lastLog(log))).toBe(false);
  for (const words of ["first", "second"]) {
    writeFileSync(log, words);
    keepAsLast(log);
    expect(existsSync(log)).toBe(false);
    expect(readFileSync(lastLog(log), "utf8")).toBe(words);
  }
});
