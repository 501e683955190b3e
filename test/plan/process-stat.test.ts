import { isInForeground } from "../../plan/process-stat";

/** /proc/PID/stat as Linux 6.1 wrote it, up to the field after the one that counts. */
const stat = (group: number, terminal: number, foreground: number, name = "node"): string =>
  `4711 (${name}) S 4000 ${group} 3900 ${terminal} ${foreground} 4194304 1234 0\n`;

it.each([
  ["leads the foreground group", stat(4711, 34_816, 4711), true],
  ["is of the foreground group", stat(4700, 34_816, 4700), true],
  ["is in the background", stat(4711, 34_816, 3900), false],
  ["has no terminal", stat(4711, 0, -1), false],
  ["has a name with blanks and parentheses", stat(4711, 34_816, 4711, "a) S 1 2 (b"), true],
  ["has such a name and is in the background", stat(4711, 34_816, 3900, "x) S 1 7 1 1 7 ("), false],
])("a process that %s", (_, text, foreground) => {
  expect(isInForeground(text)).toBe(foreground);
});

it("takes what it cannot read for no terminal", () => {
  expect(isInForeground("")).toBe(false);
});
