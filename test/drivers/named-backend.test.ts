import { userInfo } from "node:os";
import { namedBackend } from "../../drivers/named-backend";

const { homedir } = userInfo();
const named = (url: string): string | undefined => namedBackend("/lab", { PULUMI_BACKEND_URL: url });

it.each([
  ["file://~", `file://${homedir}`],
  ["file://~/states?metadata=skip", `file://${homedir}/states?metadata=skip`],
  ["file://./states", "file:///lab/states"],
  ["file://states?metadata=skip", "file:///lab/states?metadata=skip"],
  ["file:///states", "file:///states"],
  ["s3://states/~", "s3://states/~"],
])("%s is %s to a Pulumi that runs in /lab", (url, absolute) => {
  expect(named(url)).toBe(absolute);
});

it("is none when the variable is empty or not set", () => {
  expect([named(""), namedBackend("/lab", {})]).toEqual([undefined, undefined]);
});
