import { inspect } from "node:util";
import { Secret } from "../../plan/secret";

const secret = new Secret("hunter2");

test.each([
  ["a template", `text ${secret.toString()}`],
  ["String()", String(secret)],
  ["JSON", JSON.stringify({ secret })],
  ["console.log", inspect({ secret }, { depth: 5, showHidden: true })],
  ["an error's message", new Error(String(secret)).message],
])("%s shows no secret", (_, printed) => {
  expect(printed).toContain("[secret]");
  expect(printed).not.toContain("hunter2");
});

test("it is there for those who ask", () => {
  expect(secret.reveal()).toBe("hunter2");
});
