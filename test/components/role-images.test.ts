import { dynamic, makeExperiment, type MadeExperiment } from "../fixtures/made-experiment";
import { experimentConfig, imageFacts, oneImage } from "../fixtures/experiment";

/** A stack whose workers have another image than the control plane. */

const CONTAINER_IMAGE = "replikube.invalid/busybox:1";

let experiment: MadeExperiment;
beforeAll(async () => {
  const config = {
    ...experimentConfig,
    nixSettings: { "max-jobs": "0" },
    images: { worker: { flavour: "tiny", flake: "github:someone/lab", attribute: "mine" } },
  } as const;
  const worker = {
    drvPath: "/nix/store/b.drv",
    outPath: "/nix/store/b",
    facts: {
      ...imageFacts,
      containerImages: [CONTAINER_IMAGE],
      boot: { ...imageFacts.boot, kernel: "bzImage", commandLine: "quiet" },
    },
  };
  const ours = oneImage({ ...imageFacts, containerImages: ["replikube.invalid/busybox:0", CONTAINER_IMAGE] });
  experiment = await makeExperiment(config, { ...ours, worker });
});

test("each image is built once, from its own source, with the stack's settings of Nix", () => {
  const { made, only } = experiment;
  expect(made.filter(({ type }) => type === dynamic("NixBuild"))).toHaveLength(2);
  const nixSettings = { "max-jobs": "0" };
  const { inputs } = only(dynamic("NixBuild"), "node-image");
  expect(inputs).toMatchObject({ flake: ".", attribute: "node-image-tiny", drvPath: "/nix/store/a.drv", nixSettings });
  expect(inputs).not.toHaveProperty("role");
  expect(only(dynamic("NixBuild"), "node-image-worker").inputs).toMatchObject({
    role: "worker",
    flake: "github:someone/lab",
    attribute: "mine",
    drvPath: "/nix/store/b.drv",
    nixSettings,
  });
});

test("a machine has disk, kernel and command line of its role's image", () => {
  const { only } = experiment;
  const baseFile = (name: string) => only("libvirt:index/volume:Volume", name).inputs["baseFile"];
  expect(["control-plane-0", "worker-0", "worker-1"].map(baseFile)).toEqual([
    "/nix/store/a/disk.qcow2",
    "/nix/store/b/disk.qcow2",
    "/nix/store/b/disk.qcow2",
  ]);
  expect(only("libvirt:index/domain:Domain", "control-plane-0").inputs).toMatchObject({
    kernel: "/nix/store/a/vmlinuz",
    cmdlines: [{ _: `${imageFacts.boot.commandLine} tsc=reliable highres=off panic=10` }],
  });
  expect(only("libvirt:index/domain:Domain", "worker-1").inputs).toMatchObject({
    kernel: "/nix/store/b/bzImage",
    initrd: "/nix/store/b/initrd",
    cmdlines: [{ _: "quiet tsc=reliable highres=off panic=10" }],
  });
});

test("the proof of readiness runs what every node carries", () => {
  expect(experiment.only(dynamic("ClusterReady")).inputs).toMatchObject({ probeImage: CONTAINER_IMAGE });
});

test("the outputs name the control plane's image, and the nodes that have another", () => {
  expect(experiment.outputs).toMatchObject({ image: { flavour: "tiny", path: "/nix/store/a" } });
  const { nodes } = experiment.outputs;
  expect(nodes).toEqual([
    expect.not.objectContaining({ image: expect.anything() }),
    ...[0, 1].map((index) => expect.objectContaining({ index, image: { flavour: "tiny", path: "/nix/store/b" } })),
  ]);
});
