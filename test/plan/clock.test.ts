import { isRight, offText, setClockCommand } from "../../plan/clock";

const reading = (guest: number, took = 0) => ({ before: 1000, after: 1000 + took, guest });

it.each([998, 1000, 1002])("a guest that says %i at 1000 is right", (guest) => {
  expect(isRight(reading(guest))).toBe(true);
});

it.each([
  [997, "3 s behind"],
  [1003.4, "3 s ahead"],
  [1000 - 7200, "7200 s behind"],
])("a guest that says %d at 1000 is %s", (guest, text) => {
  expect(isRight(reading(guest))).toBe(false);
  expect(offText(reading(guest))).toBe(text);
});

it("takes no slow answer for a wrong clock", () => {
  expect(isRight(reading(1004))).toBe(false);
  expect(isRight(reading(1004, 5))).toBe(true);
});

it("is set in whole seconds", () => {
  expect(setClockCommand(1000.6)).toEqual(["date", "-u", "-s", "@1001"]);
});
