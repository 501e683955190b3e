import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Compares text with test/golden/<name>; `UPDATE_GOLDEN=1 jest …` writes the file instead, and the diff is then reviewed. */
export function expectGolden(name: string, actual: string): void {
  const file = join(__dirname, name);
  if (process.env["UPDATE_GOLDEN"] === "1") {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, actual);
  }
  expect(existsSync(file) ? readFileSync(file, "utf8") : `no golden file ${name}: run with UPDATE_GOLDEN=1`).toBe(actual);
}
