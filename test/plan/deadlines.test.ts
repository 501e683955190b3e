import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DEADLINE_NAMES, DEADLINES, deadlineSeconds, within } from "../../plan/deadlines";

const each = Object.fromEntries(DEADLINE_NAMES.map((name, index) => [name, 1000 + index]));

it.each(DEADLINE_NAMES)(
  "%s is its default, times the factor, or what the stack says, which no factor changes",
  (name) => {
    expect(deadlineSeconds(name, { deadlinesFactor: 1 })).toBe(DEADLINES[name].seconds);
    expect(deadlineSeconds(name, { deadlinesFactor: 1.5, deadlines: {} })).toBe(DEADLINES[name].seconds * 1.5);
    expect(within(name, { deadlinesFactor: 5, deadlines: each })).toEqual({
      deadline: name,
      deadlineSeconds: each[name],
    });
  },
);

it("is in the guide, every one with its default and what it is for", () => {
  const page = readFileSync(join(__dirname, "../../docs/guide/deadlines.md"), "utf8");
  const rows = [...page.matchAll(/^\| `(\w+)` *\| (\d+) *\| (.*?) *\|$/gm)].map(([, name, seconds, of]) => [
    name,
    { seconds: Number(seconds), of },
  ]);
  expect(rows).toEqual(Object.entries(DEADLINES));
});
