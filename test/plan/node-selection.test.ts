import { findNode, unknownNode, type NodeIdentity } from "../../plan/node-selection";

const nodes: readonly NodeIdentity[] = [
  { name: "dev-control-plane-0", domain: "replikube-dev-control-plane-0", role: "control-plane", index: 0 },
  { name: "dev-worker-0", domain: "replikube-dev-worker-0", role: "worker", index: 0 },
];

test.each(["dev-worker-0", "replikube-dev-worker-0", "worker-0"])("%s is the first worker", (wanted) => {
  expect(findNode(nodes, wanted)).toBe(nodes[1]);
});

test("a part of a name is not a name", () => {
  expect(findNode(nodes, "worker")).toBeUndefined();
});

test("an unknown name is answered with all that are known", () => {
  expect(unknownNode(nodes, "worker-7")).toBe(
    [
      "worker-7: no such node; the nodes are:",
      "  dev-control-plane-0 (or replikube-dev-control-plane-0, control-plane-0)",
      "  dev-worker-0 (or replikube-dev-worker-0, worker-0)",
    ].join("\n"),
  );
});
