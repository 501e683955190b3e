import { setTimeout as sleep } from "node:timers/promises";
import { ReplikubeError } from "../../drivers/errors";
import { sideBySide } from "../../drivers/side-by-side";

it("gives every result in the order of the items", async () => {
  expect(await sideBySide([20, 10], (milliseconds) => sleep(milliseconds, milliseconds))).toEqual([20, 10]);
});

it("lets the others come to their end before it fails", async () => {
  const ended: string[] = [];
  const work = async (name: string) => {
    if (name === "bad") throw new ReplikubeError("bad: no");
    await sleep(10);
    ended.push(name);
  };
  await expect(sideBySide(["bad", "good"], work)).rejects.toThrow("bad: no");
  expect(ended).toEqual(["good"]);
});

const fail = (name: string) => Promise.reject(new ReplikubeError(`${name}: no`));

it("tells every failure", async () => {
  await expect(sideBySide(["one", "two"], fail)).rejects.toThrow("one: no\ntwo: no");
});

it("does not make a message for people of a fault in the program", async () => {
  const fault = new TypeError("undefined is not a function");
  const work = (index: number) => Promise.reject(index === 0 ? fault : new ReplikubeError("no"));
  await expect(sideBySide([0, 1], work)).rejects.toBe(fault);
});
