import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { documents, documentText, root } from "../fixtures/documents";

/** Documents name only files that exist. */

/** `[text](target)`, without its anchor; other schemes are not ours to check. */
const linksOf = (text: string): readonly string[] =>
  [...text.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/.test(target));

it.each(documents)("%s links to what is there", (name) => {
  const missing = linksOf(documentText(name)).filter((target) => !existsSync(join(root, dirname(name), target)));
  expect(missing).toEqual([]);
});
