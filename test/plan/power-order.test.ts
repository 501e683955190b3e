import { startOrder, stopOrder } from "../../plan/power-order";

const machines = [
  { role: "control-plane", name: "c0" },
  { role: "worker", name: "w0" },
  { role: "worker", name: "w1" },
] as const;

const names = (groups: readonly (readonly { readonly name: string }[])[]): readonly (readonly string[])[] =>
  groups.map((group) => group.map(({ name }) => name));

it("stops the workers side by side, and then the control plane", () => {
  expect(names(stopOrder(machines))).toEqual([["w0", "w1"], ["c0"]]);
});

it("starts them the other way round", () => {
  expect(names(startOrder(machines))).toEqual([["c0"], ["w0", "w1"]]);
});

it("has no empty group", () => {
  expect(names(stopOrder(machines.slice(0, 1)))).toEqual([["c0"]]);
  expect(stopOrder([])).toEqual([]);
});
