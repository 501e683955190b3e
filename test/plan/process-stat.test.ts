import { isInForeground, isZombie, parentIn } from "../../plan/process-stat";

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

it.each([
  ["a usual one", stat(1, 0, -1), 4000],
  ["one with blanks and parentheses", stat(1, 0, -1, "x) S 1 7 ("), 4000],
  ["nothing", "", undefined],
])("the parent stands behind the name: %s", (_, text, parent) => {
  expect(parentIn(text)).toBe(parent);
});

it("tells a process that only waits to be asked how it ended", () => {
  expect(isZombie(stat(1, 0, -1))).toBe(false);
  expect(isZombie(stat(1, 0, -1, "a) Z (").replace(") S 4000", ") Z 4000"))).toBe(true);
});
