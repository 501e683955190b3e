import { isWithinSkew } from "../../plan/kubectl-skew";

test.each([
  ["v1.36.3", "v1.36.3", true],
  ["v1.35.0", "v1.36.3", true],
  ["v1.37.0-rc.1", "v1.36.3", true],
  ["v1.32.4-dispatcher", "v1.36.3", false],
  ["v2.36.0", "v1.36.3", false],
  ["unknown", "v1.36.3", false],
])("kubectl %s with an API server %s: %s", (client, server, expected) => {
  expect(isWithinSkew(client, server)).toBe(expected);
});
