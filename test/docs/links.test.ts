import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** Documents name only files that exist. */

const root = resolve(__dirname, "../..");
const documents = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\n")
  .filter((name) => name !== "");

/** `[text](target)`, without its anchor; other schemes are not ours to check. */
const linksOf = (text: string): readonly string[] =>
  [...text.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/.test(target));

it.each(documents)("%s links to what is there", (name) => {
  const missing = linksOf(readFileSync(join(root, name), "utf8")).filter(
    (target) => !existsSync(join(root, dirname(name), target)),
  );
  expect(missing).toEqual([]);
});
