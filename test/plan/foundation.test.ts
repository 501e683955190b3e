import { clusterInstanceOf } from "../../plan/foundation";
import { controlPlaneContext } from "../fixtures/bootstrap";

/** Which cluster it is must change with everything that replaces KubeadmInit, and with nothing else. */

const { cluster, node } = controlPlaneContext;
const identity = { instance: "i-1", cluster, node };
const own = clusterInstanceOf(identity);

it("is the same for the same cluster, in whatever order its keys come", () => {
  const { name, criSocket, ...others } = cluster;
  expect(clusterInstanceOf({ node, cluster: { ...others, criSocket, name }, instance: "i-1" })).toBe(own);
  expect(own).toMatch(/^[0-9a-f]{16}$/);
});

it("is another for another machine, configuration, name, address or taint", () => {
  const others = [
    { ...identity, instance: "i-2" },
    { ...identity, cluster: { ...cluster, podSubnet: "10.1.0.0/16" } },
    { ...identity, node: { ...node, nodeName: "other" } },
    { ...identity, node: { ...node, address: "10.0.0.9" } },
    { ...identity, node: { ...node, taints: [{ key: "k", effect: "NoSchedule" as const }] } },
  ].map(clusterInstanceOf);
  expect(new Set([own, ...others]).size).toBe(others.length + 1);
});

it("does not follow labels, which change in place", () => {
  const labelled = { ...node, labels: { a: "b" } };
  expect(clusterInstanceOf({ ...identity, node: labelled })).toBe(own);
});
