import { documents, documentText } from "../fixtures/documents";

/** A row with one column too many makes text of the whole table. */

const columns = (row: string): number => row.split(/(?<!\\)\|/).length;

/** Rows that stand together, outside of code. */
const tablesOf = (text: string): readonly (readonly string[])[] =>
  text
    .replaceAll(/^```[^]*?^```/gm, "")
    .split(/\n(?!\|)/)
    .map((block) => block.split("\n").filter((line) => line.startsWith("|")))
    .filter((rows) => rows.length > 1);

it.each(documents)("%s: all rows of a table have as many columns as its head", (name) => {
  const uneven = tablesOf(documentText(name)).flatMap(([head = "", ...rows]) =>
    rows.filter((row) => columns(row) !== columns(head)),
  );
  expect(uneven).toEqual([]);
});
