import { ConfigError, parseExperiment } from "../../config/parse-experiment";
import { DEADLINE_NAMES } from "../../plan/deadlines";

const stack = { project: "replikube", stack: "dev" };

function problems(values: Readonly<Record<string, string>>): readonly string[] {
  try {
    parseExperiment(values, stack);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ path, text }) => `${path}: ${text}`);
  }
}

test("an empty configuration is the smallest experiment", () => {
  expect(parseExperiment({}, stack)).toEqual({
    imageFlavour: "debian",
    imageFlake: ".",
    imageAttribute: "node-image-debian",
    images: {},
    nixSettings: {},
    deadlines: {},
    controlPlanes: 1,
    workers: 1,
    controlPlaneVcpus: 2,
    controlPlaneMemoryMiB: 3072,
    workerVcpus: 2,
    workerMemoryMiB: 2048,
    diskGiB: 12,
    replace: "parallel",
    cidrPool: "10.77.0.0/16",
    podSubnet: "10.244.0.0/16",
    serviceSubnet: "10.96.0.0/16",
    cni: "flannel",
    acceleration: "auto",
    egress: "none",
    kubernetes: {
      kubeadm: {},
      kubelet: {},
      roles: { "control-plane": { labels: {}, taints: [] }, worker: { labels: {}, taints: [] } },
    },
  });
});

test("the texts that Pulumi hands over become values of the settings' types", () => {
  const config = parseExperiment(
    {
      imageFlavour: "nixos",
      workers: "3",
      deadlinesFactor: "2",
      libvirtUri: "qemu+ssh://host/system",
      kubernetes: JSON.stringify({
        kubelet: { maxPods: 50 },
        roles: { worker: { labels: { tier: "load" }, taints: [{ key: "load", effect: "NoSchedule" }] } },
      }),
      workload: JSON.stringify({ command: "kubectl get nodes" }),
    },
    stack,
  );
  expect(config).toMatchObject({
    imageAttribute: "node-image",
    workers: 3,
    deadlinesFactor: 2,
    libvirtUri: "qemu+ssh://host/system",
    workload: { manifests: [], command: "kubectl get nodes" },
  });
  expect(config.kubernetes).toEqual({
    kubeadm: {},
    kubelet: { maxPods: 50 },
    roles: {
      "control-plane": { labels: {}, taints: [] },
      worker: { labels: { tier: "load" }, taints: [{ key: "load", effect: "NoSchedule" }] },
    },
  });
});

const images = (values: Readonly<Record<string, string>>, ofRoles: object) =>
  parseExperiment({ ...values, images: JSON.stringify(ofRoles) }, stack).images;

test("a role's image takes from the stack what it leaves out, but another flavour's package has another name", () => {
  expect(images({}, { worker: { attribute: "mine" } })).toEqual({
    worker: { flavour: "debian", flake: ".", attribute: "mine" },
  });
  expect(
    images(
      { imageFlavour: "nixos", imageFlake: "github:someone/lab", imageAttribute: "theirs" },
      { "control-plane": { flavour: "debian" }, worker: { flavour: "nixos", flake: "/elsewhere" } },
    ),
  ).toEqual({
    "control-plane": { flavour: "debian", flake: "github:someone/lab", attribute: "node-image-debian" },
    worker: { flavour: "nixos", flake: "/elsewhere", attribute: "theirs" },
  });
});

test("settings of Nix become texts, as nix.conf has them", () => {
  const nixSettings = JSON.stringify({ "max-jobs": 0, sandbox: false, builders: "ssh://a x86_64-linux ; ssh://b" });
  expect(parseExperiment({ nixSettings }, stack).nixSettings).toEqual({
    "max-jobs": "0",
    sandbox: "false",
    builders: "ssh://a x86_64-linux ; ssh://b",
  });
});

test("what Nix would read as something else, or the state must not hold, is no setting of Nix", () => {
  const nixSettings = JSON.stringify({
    max_jobs: 2,
    cores: "1\nsandbox = true",
    builders: "ssh://a # not b",
    store: "ssh-ng://builder",
    "access-tokens": "github.com=secret",
    substituters: ["https://cache.example.org"],
  });
  expect(problems({ nixSettings })).toEqual([
    "nixSettings.max_jobs: expected the name of a setting of Nix, such as max-jobs",
    'nixSettings.cores: expected one line without #, got "1\\nsandbox = true"',
    'nixSettings.builders: expected one line without #, got "ssh://a # not b"',
    "nixSettings.access-tokens: is a secret, which the stack's state would hold: set it in NIX_CONFIG",
    'nixSettings.substituters: expected a text, a number, true or false, got ["https://cache.example.org"]',
  ]);
});

test("all problems come at once, with their paths, those between settings too", () => {
  expect(
    problems({
      workers: "many",
      workerVcpus: "0",
      imageFlavour: "arch",
      acceleration: "",
      podSubnet: "10.77.0.0/16",
      serviceSubnet: "10.96.0.1/16",
      poolPath: "pool",
      cni: "calico",
      kubernetes: JSON.stringify({
        kubeadm: { networking: {} },
        roles: { worker: { labels: { "a b": "x" }, taints: [{ key: "load", effect: "Never" }] } },
      }),
    }),
  ).toEqual([
    'imageFlavour: expected nixos, debian or tiny, got "arch"',
    'workers: expected an integer, got "many"',
    "workerVcpus: expected at least 1, got 0",
    'serviceSubnet: expected an IPv4 block such as 10.77.0.0/16 with no bits set beyond its prefix, got "10.96.0.1/16"',
    'cni: expected flannel, none or the path of a .yaml file, got "calico"',
    'acceleration: expected auto, kvm or tcg, got ""',
    'poolPath: expected an absolute path, got "pool"',
    'kubernetes.roles.worker.labels["a b"]: expected a Kubernetes label key',
    'kubernetes.roles.worker.taints[0].effect: expected NoSchedule, PreferNoSchedule or NoExecute, got "Never"',
    "podSubnet: 10.77.0.0/16 overlaps cidrPool 10.77.0.0/16; machines, pods and services each need addresses of their own",
  ]);
});

test("a key that is not known is an error, and the nearest one is named", () => {
  expect(
    problems({
      worker: "3",
      CIDRpool: "10.0.0.0/16",
      colour: "red",
      kubernetes: JSON.stringify({ roles: { workers: {}, worker: { label: {} } } }),
    }),
  ).toEqual([
    "kubernetes.roles.worker.label: is not known; did you mean labels?",
    "kubernetes.roles.workers: is not known; did you mean worker?",
    "worker: is not known; did you mean workers?",
    "CIDRpool: is not known; did you mean cidrPool?",
    expect.stringMatching(/^colour: is not known here; known are imageFlavour, /),
  ]);
});

test("a structured setting that is no object, and one that is no JSON, are told as what they are", () => {
  expect(problems({ kubernetes: "[]", workload: "{" })).toEqual([
    "kubernetes: expected settings by name, got []",
    'workload: expected settings by name, got "{"',
  ]);
});

test("what the program owns cannot be patched", () => {
  expect(problems({ kubernetes: JSON.stringify({ kubeadm: { kubernetesVersion: "v1.30.0" } }) })).toEqual([
    "kubernetes.kubeadm.kubernetesVersion: cannot be set here: the image decides it",
  ]);
});

test("the error says that nothing was touched, and what to do", () => {
  expect(() => parseExperiment({ workers: "-1" }, stack)).toThrow(
    [
      "the configuration of stack dev has 1 problem; nothing was touched:",
      "  workers: expected at least 0, got -1",
      "next: pulumi config set KEY VALUE, or edit Pulumi.dev.yaml",
    ].join("\n"),
  );
});

test("a time to live is a number with a unit", () => {
  expect(parseExperiment({ ttl: "8h" }, stack).ttl).toBe("8h");
  expect(problems({ ttl: "8" })).toEqual(['ttl: expected a time such as 90m, 8h, 2d or 1w, got "8"']);
});

const deadlines = (values: object) => ({ deadlines: JSON.stringify(values) });

test("deadlines are seconds by name, and every one that is not known or sound is told at once", () => {
  expect(parseExperiment(deadlines({ boot: 600, upload: 86_400 }), stack).deadlines).toEqual({
    boot: 600,
    upload: 86_400,
  });
  expect(problems({ ...deadlines({ boot: 9, join: "2m", drian: 60, nothingOfOurs: 60 }), workers: "-1" })).toEqual([
    "workers: expected at least 0, got -1",
    "deadlines.boot: expected at least 10, got 9",
    'deadlines.join: expected an integer, got "2m"',
    "deadlines.drian: is not known; did you mean drain?",
    `deadlines.nothingOfOurs: is not known here; known are ${DEADLINE_NAMES.join(", ")}`,
  ]);
});

const withSecret = () => parseExperiment({ ttl: "hunter2", workers: "-1" }, stack, ["ttl"]);

test("a secret is refused, beside whatever else is wrong, and its value is not shown", () => {
  expect(withSecret).toThrow(/2 problems.*\n.*ttl: is set with --secret.*\n.*workers: expected at least 0, got -1/);
  expect(withSecret).not.toThrow("hunter2");
});
