import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * `expect(text).toBeGolden("folder/name.txt")` compares with test/golden/<name>; `UPDATE_GOLDEN=1 jest …` writes the file
 * instead, and the diff is then reviewed. (The namespace is jest's own way of adding a matcher.)
 */
declare global {
  namespace jest {
    interface Matchers<R> {
      toBeGolden(name: string): R;
    }
  }
}

export const goldenFolder = join(__dirname, "golden");

/** Paths of the files below a golden folder that is a root of its own, sorted: `/etc/hosts`. */
export function goldenPaths(name: string): readonly string[] {
  const root = join(goldenFolder, name);
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
    .toSorted();
}

expect.extend({
  toBeGolden(actual: string, name: string) {
    const file = join(goldenFolder, name);
    if (process.env["UPDATE_GOLDEN"] === "1") {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, actual);
    }
    if (!existsSync(file)) return { pass: false, message: () => `no golden file ${name}: run with UPDATE_GOLDEN=1` };
    const expected = readFileSync(file, "utf8");
    return {
      pass: this.equals(actual, expected),
      message: () => `${name} differs from what is rendered now\n${this.utils.diff(expected, actual) ?? ""}`,
    };
  },
});
