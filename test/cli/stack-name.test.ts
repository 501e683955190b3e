import { stackName } from "../../cli/running-stack";

test("a stack's name leads nowhere else", () => {
  expect(["dev", "two_2", "a-b"].map(stackName)).toEqual(["dev", "two_2", "a-b"]);
  for (const name of ["", "..", "../dev", "a/b", "-x", "a b", ".hidden"])
    expect(() => stackName(name)).toThrow("Letters, digits");
});
