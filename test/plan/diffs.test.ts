import {
  diffClusterReady,
  diffGuest,
  diffJoinToken,
  diffKubeadmInit,
  diffKubeadmJoin,
  diffNixBuild,
  diffWorkloadEnvironment,
  UNKNOWN,
  type Diff,
} from "../../plan/diffs";

const join = {
  instance: "i1",
  clusterInstance: "c1",
  node: { nodeName: "w", address: "10.0.0.1", taints: [], labels: { a: "b" } },
  machine: { hostKey: "k1" },
  token: "t1",
  caCertHash: "h1",
  deadlinesFactor: 1,
  observed: "ok",
};
const nothing = { changes: false, replaces: [] };

describe.each<readonly [string, (olds: object, news: object) => Diff, readonly string[]]>([
  ["Guest", (olds, news) => diffGuest({ ...olds }, { ...news }), ["instance"]],
  ["KubeadmInit", (olds, news) => diffKubeadmInit({ ...olds }, { ...news }), ["instance"]],
  ["JoinToken", (olds, news) => diffJoinToken({ ...olds }, { ...news }), ["instance", "clusterInstance"]],
  ["KubeadmJoin", (olds, news) => diffKubeadmJoin({ ...olds }, { ...news }), ["instance", "clusterInstance"]],
  ["ClusterReady", (olds, news) => diffClusterReady({ ...olds }, { ...news }), ["clusterInstance"]],
])("%s", (_name, diff, identities) => {
  it("has no change without a change, whatever order the keys come in", () => {
    const reordered = Object.fromEntries(Object.entries(join).toReversed());
    expect(diff(join, reordered)).toMatchObject(nothing);
  });

  it.each(identities)("is replaced for another or an unknown %s", (name) => {
    expect(diff(join, { ...join, [name]: "other" })).toMatchObject({ changes: true, replaces: [name] });
    expect(diff(join, { ...join, [name]: UNKNOWN })).toMatchObject({ changes: true, replaces: [name] });
  });

  it("ignores token, CA hash, deadlines, ways to a machine, and every other unknown", () => {
    expect(diff(join, { ...join, token: "t2", caCertHash: "h2", deadlinesFactor: 9 })).toMatchObject(nothing);
    expect(diff(join, { ...join, machine: { hostKey: UNKNOWN }, caCertHash: UNKNOWN, token: UNKNOWN })).toMatchObject(
      nothing,
    );
  });

  it("is run again in place after a refresh that could not reach it", () => {
    expect(diff({ ...join, observed: "unreachable" }, join)).toMatchObject({ changes: true, replaces: [] });
  });
});

it("changes labels in place and taints by a new node", () => {
  const labelled = { ...join, node: { ...join.node, labels: { a: "c" } } };
  expect(diffKubeadmJoin(join, labelled)).toMatchObject({ changes: true, replaces: [] });
  const tainted = { ...join, node: { ...join.node, taints: [{ key: "k", effect: "NoSchedule" }] } };
  expect(diffKubeadmJoin(join, tainted)).toMatchObject({
    changes: true,
    replaces: ["node"],
    deleteBeforeReplace: true,
  });
});

it("proves again, in place, when nodes come, go or are replaced", () => {
  const ready = { clusterInstance: "c", nodes: [{ nodeName: "a", instance: "1" }] };
  const inPlace = { changes: true, replaces: [] };
  expect(
    diffClusterReady(ready, { ...ready, nodes: [...ready.nodes, { nodeName: "b", instance: UNKNOWN }] }),
  ).toMatchObject(inPlace);
  expect(diffClusterReady(ready, { ...ready, nodes: [{ nodeName: "a", instance: UNKNOWN }] })).toMatchObject(inPlace);
  expect(diffClusterReady(ready, { ...ready, nodes: [{ nodeName: "a", instance: "2" }] })).toMatchObject(inPlace);
});

it("builds the image again when its derivation changed or the last refresh missed it, never because its flake moved", () => {
  const built = { flake: ".", drvPath: "/nix/store/a.drv", outPath: "/nix/store/a", observed: "ok" };
  expect(diffNixBuild(built, { ...built, flake: "/elsewhere" })).toMatchObject(nothing);
  expect(diffNixBuild(built, { ...built, drvPath: "/nix/store/b.drv" })).toMatchObject({ changes: true, replaces: [] });
  expect(diffNixBuild({ ...built, observed: "missing from the Nix store" }, built)).toMatchObject({ changes: true });
});

test("a workload is given another cluster or other settings, and no other way to the same cluster", () => {
  const given = { settings: "{}", clusterInstance: "c1", kubernetesVersion: "1", libvirtUri: "a", kubeconfig: "k" };
  const reached = { kubeconfig: UNKNOWN, libvirtUri: "b" };
  expect(diffWorkloadEnvironment(given, { ...given, ...reached })).toMatchObject(nothing);
  expect(diffWorkloadEnvironment(given, { ...given, kubeconfig: "k2" })).toMatchObject(nothing);
  for (const clusterInstance of ["c2", UNKNOWN])
    expect(diffWorkloadEnvironment(given, { ...given, clusterInstance }).replaces).toEqual(["clusterInstance"]);
  expect(diffWorkloadEnvironment(given, { ...given, settings: "{1}" }).replaces).toEqual(["settings"]);
});
