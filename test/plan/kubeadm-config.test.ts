import { parseAllDocuments } from "yaml";
import { cniManifestText } from "../../plan/cni-manifest";
import { initConfigText, joinConfigText, tokenConfigText, type KubeadmContext } from "../../plan/kubeadm-config";
import { PlanError } from "../../plan/problems";
import { controlPlaneContext, credentials, workerContext } from "../fixtures/bootstrap";
import "../golden-matcher";

/** As the fixture is accelerated. */
const emulated = { deadlinesFactor: 5 };

const withPatches = (kubeadmPatch: object, kubeletPatch: object = {}): KubeadmContext => ({
  ...controlPlaneContext,
  cluster: { ...controlPlaneContext.cluster, kubeadmPatch: { ...kubeadmPatch }, kubeletPatch: { ...kubeletPatch } },
});

const kinds = (text: string): ReadonlyMap<string, unknown> =>
  new Map(parseAllDocuments(text).map((document) => [String(document.get("kind")), document.toJS()]));

const five = (length: string) => ({
  timeouts: {
    controlPlaneComponentHealthCheck: length,
    kubeletHealthCheck: length,
    kubernetesAPICall: length,
    tlsBootstrap: length,
    discovery: length,
  },
});

describe("kubeadm's files", () => {
  it("are these", () => {
    expect(initConfigText(controlPlaneContext, emulated)).toBeGolden("kubeadm/init-tcg.yaml");
    expect(initConfigText({ ...controlPlaneContext, acceleration: "kvm" }, { deadlinesFactor: 1 })).toBeGolden(
      "kubeadm/init-kvm.yaml",
    );
    expect(joinConfigText(workerContext, credentials, emulated)).toBeGolden("kubeadm/join-tcg.yaml");
    expect(tokenConfigText(credentials.token, "dev-worker-0", emulated)).toBeGolden("kubeadm/token.yaml");
  });

  it("give kubeadm's own waits as long as the whole when that is longer than usual, and a token no shorter life", () => {
    const slow = { deadlinesFactor: 5, deadlines: { init: 3600, join: 1200 } };
    expect(kinds(initConfigText(controlPlaneContext, slow)).get("InitConfiguration")).toMatchObject(five("3600s"));
    const join = joinConfigText(workerContext, credentials, slow);
    expect(kinds(join).get("JoinConfiguration")).toMatchObject(five("1200s"));
    expect(tokenConfigText(credentials.token, "dev-worker-0", slow)).toContain("ttl: 1200s");
    const short = { deadlinesFactor: 5, deadlines: { init: 30, join: 30 } };
    expect(initConfigText(controlPlaneContext, short)).toBe(initConfigText(controlPlaneContext, emulated));
  });

  it("keep etcd durable, and kubeadm's own token nameless", () => {
    const text = initConfigText(controlPlaneContext, emulated);
    expect(text).not.toMatch(/fsync/);
    expect(text).not.toMatch(/[a-z0-9]{6}\.[a-z0-9]{16}/);
  });

  it("name other tags only where the image's differ from kubeadm's", () => {
    const cluster = { ...controlPlaneContext.cluster, etcdImageTag: "3.6.9-0", corednsImageTag: "v9" };
    expect(
      kinds(initConfigText({ ...controlPlaneContext, cluster }, emulated)).get("ClusterConfiguration"),
    ).toMatchObject({
      etcd: { local: { imageTag: "3.6.9-0" } },
      dns: { imageTag: "v9" },
    });
    expect(kinds(initConfigText(controlPlaneContext, emulated)).get("ClusterConfiguration")).not.toHaveProperty("dns");
  });
});

describe("a user's patch", () => {
  it("goes into objects by key and into argument lists by name", () => {
    const patched = withPatches(
      {
        scheduler: {
          extraArgs: [
            { name: "v", value: "4" },
            { name: "leader-elect", value: "true" },
          ],
        },
        networking: { dnsDomain: "lab.local" },
      },
      { maxPods: 20 },
    );
    const documents = kinds(initConfigText(patched, emulated));
    expect(documents.get("ClusterConfiguration")).toMatchObject({
      networking: { dnsDomain: "lab.local", podSubnet: "10.244.0.0/16" },
      controllerManager: { extraArgs: [{ name: "leader-elect", value: "false" }] },
      scheduler: {
        extraArgs: [
          { name: "v", value: "4" },
          { name: "leader-elect", value: "true" },
        ],
      },
    });
    expect(documents.get("KubeletConfiguration")).toMatchObject({ maxPods: 20, cgroupDriver: "systemd" });
  });

  it("is refused, all of it at once, for what other settings decide", () => {
    const patched = withPatches({ kubernetesVersion: "v1.2.3", networking: { podSubnet: "10.0.0.0/8" } });
    expect(() => initConfigText(patched, emulated)).toThrow(PlanError);
    expect(() => initConfigText(patched, emulated)).toThrow(
      /kubernetes\.kubeadm\.kubernetesVersion: is not to be set here[^]*kubernetes\.kubeadm\.networking\.podSubnet: .*set podSubnet/,
    );
    expect(() => initConfigText(withPatches({}, { cgroupDriver: "cgroupfs" }), emulated)).toThrow(
      /kubernetes\.kubelet\.cgroupDriver/,
    );
  });
});

it("fills every placeholder of a CNI manifest", () => {
  const manifest = "a: @POD_SUBNET@ @POD_SUBNET@\nb: @API_SERVER_HOST@:@API_SERVER_PORT@\n";
  expect(cniManifestText({ ...controlPlaneContext.cluster, cniManifest: manifest })).toBe(
    "a: 10.244.0.0/16 10.244.0.0/16\nb: 10.77.0.10:6443\n",
  );
});
