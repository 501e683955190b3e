import { observeNodes } from "../../plan/seen-nodes";

/** What a refresh says of a cluster's nodes. */

const node = (name: string, ready: string, more: object = {}) => ({
  metadata: { name, resourceVersion: String(Math.random()) },
  status: { conditions: [{ type: "Ready", status: ready, lastHeartbeatTime: new Date().toISOString() }] },
  ...more,
});
const cordoned = { spec: { unschedulable: true } };
const nodeNames = ["a", "b", "c"];
const observe = (items: readonly object[], hasCni = true, resized: readonly string[] = []) =>
  observeNodes(JSON.stringify({ items }), { nodeNames, hasCni, resized });

it("is ok while all nodes are Ready and open, whatever changes by itself and whoever else is there", () => {
  const seen = observe([node("b", "True"), node("a", "True"), node("c", "True"), node("stranger", "False", cordoned)]);
  expect(seen).toEqual({ observed: "ok", cordoned: [] });
});

it("names every node that is missing, NotReady or cordoned, in the plan's order", () => {
  expect(observe([node("c", "True", cordoned), node("b", "Unknown", cordoned)])).toEqual({
    observed: "a is missing; b is NotReady; b is cordoned; c is cordoned",
    cordoned: ["b", "c"],
  });
  expect(observe([node("a", "False"), node("b", "True"), { metadata: { name: "c" } }]).observed).toBe(
    "a is NotReady; c is NotReady",
  );
});

it("says which machines run with another size", () => {
  const all = nodeNames.map((name) => node(name, "True"));
  expect(observe(all, true, ["b"]).observed).toBe("b runs with another size");
});

it("does not expect nodes to be Ready without a CNI", () => {
  expect(observe([node("a", "False"), node("b", "False"), node("c", "False")], false).observed).toBe("ok");
});
