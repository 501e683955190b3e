import { configurationWords, parseConfigurations } from "../../plan/cluster-configuration";

/** What a refresh says of kubeadm's own record of its configuration. */

const maps = {
  "kubeadm-config": "apiServer:\n  extraArgs:\n  - name: v\n    value: '2'\nclusterName: lab\n",
  "kubelet-config": "cgroupDriver: systemd\n",
};

it("reads the documents out of the ConfigMaps, and leaves out what is missing", () => {
  const json = JSON.stringify({
    kind: "List",
    items: [
      { metadata: { name: "kubeadm-config", uid: "1" }, data: { ClusterConfiguration: maps["kubeadm-config"] } },
      { metadata: { name: "kubelet-config" } },
    ],
  });
  expect(parseConfigurations(json)).toEqual({ "kubeadm-config": maps["kubeadm-config"], "kubelet-config": "" });
  expect(parseConfigurations('{ "items": [] }')).toEqual({});
  expect(parseConfigurations("")).toEqual({}); // so says kubectl when there is none of them
});

it("has no words for other words of the same content", () => {
  const other = {
    "kubelet-config": '# a comment\n"cgroupDriver": "systemd"\n',
    "kubeadm-config": "{clusterName: lab, apiServer: {extraArgs: [{value: '2', name: v}]}}",
  };
  expect(configurationWords(maps, other)).toEqual([]);
  expect(configurationWords({}, other)).toEqual([]);
});

it("says by path what changed, what was added and what is missing", () => {
  const changed = {
    "kubeadm-config": "apiServer:\n  extraArgs:\n  - name: v\n    value: '9'\n  timeout: 1m\nclusterName: lab\n",
    "kubelet-config": "not: [yaml",
  };
  expect(configurationWords(maps, changed)).toEqual([
    "kubeadm-config differs: apiServer.extraArgs[0].value, apiServer.timeout",
    "kubelet-config differs: all of it",
  ]);
  expect(configurationWords(maps, { "kubeadm-config": maps["kubeadm-config"] })).toEqual(["kubelet-config is missing"]);
});
