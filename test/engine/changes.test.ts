import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stackMembers } from "../../plan/stack-members";
import { makeClone, succeeded, type Clone } from "../fixtures/clone";
import { preview, previewedUp } from "../fixtures/engine-steps";
import { momentsOf } from "../fixtures/timeline-moments";
import { TINY_STACK } from "../fixtures/tiny-stack";

/**
 * What each kind of change does to a cluster that runs: preview tells it, up does just that, and what may stay stays. Real
 * guests of the tiny image; adding and removing workers and another image are in life-cycle.test.ts.
 */

const MINUTE = 60_000;
const STACK = "tiny";

let clone: Clone;
/** Lines of the configuration, by setting. */
const settings = new Map<string, string>(
  TINY_STACK.trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => [line.split(":")[1] ?? "", line]),
);

const lab = async (verb: string, ...args: string[]) => succeeded(await clone.lab(verb, "--stack", STACK, ...args));
async function onNode(node: string, ...command: string[]): Promise<string> {
  const result = await clone.lab("ssh", "--stack", STACK, node, "--", ...command);
  succeeded(result);
  return result.stdout.trim();
}
const bootIds = () =>
  Promise.all(["control-plane-0", "worker-0"].map((node) => onNode(node, "cat", "/proc/sys/kernel/random/boot_id")));
const dominfo = (machine: string) => clone.virsh("dominfo", `replikube-tiny-${machine}`);

type Settings = Readonly<Record<string, string>>;

function configure(wanted: Settings): void {
  for (const [setting, value] of Object.entries(wanted)) settings.set(setting, `  replikube:${setting}: ${value}`);
  writeFileSync(join(clone.folder, "Pulumi.tiny.yaml"), `config:\n${[...settings.values()].join("\n")}\n`);
}

/** What preview says of them; nothing is made, and they are taken back. */
async function previewed(wanted: Settings): Promise<readonly string[]> {
  const before = [...settings];
  configure(wanted);
  try {
    return await preview(clone, STACK);
  } finally {
    settings.clear();
    for (const [setting, line] of before) settings.set(setting, line);
    configure({});
  }
}

/** What preview said; up has been seen to do just that. What it left undone would be in the next one's, which is held against its own steps alone. */
async function change(wanted: Settings): Promise<readonly string[]> {
  configure(wanted);
  const { planned, done } = await previewedUp(clone, STACK);
  expect(done).toEqual(planned);
  return planned;
}

interface Node {
  readonly metadata: { readonly name: string; readonly uid: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: { readonly unschedulable?: boolean; readonly podCIDR: string };
  readonly status: {
    readonly conditions: readonly { readonly type: string; readonly status: string }[];
    readonly addresses: readonly { readonly type: string; readonly address: string }[];
  };
}

async function nodes(): Promise<readonly Node[]> {
  const { stdout } = await clone.lab("kubectl", "--stack", STACK, "--", "get", "nodes", "-o", "json");
  const { items }: { readonly items: readonly Node[] } = JSON.parse(stdout);
  return items;
}

const labelsOfWorker = async () =>
  (await nodes()).find(({ metadata }) => metadata.name === "tiny-worker-0")?.metadata.labels;

const readiness = async () =>
  (await nodes()).map(({ spec, status }) => ({
    cordoned: spec.unschedulable === true,
    ready: status.conditions.find(({ type }) => type === "Ready")?.status,
  }));
const IN_ORDER = { cordoned: false, ready: "True" };

/** Of both machines: another kernel's boot, another node object or another disk would show. */
const identities = async () => ({
  machines: await Promise.all(["control-plane-0", "worker-0"].map((node) => onNode(node, "cat", "/etc/machine-id"))),
  nodes: (await nodes()).map(({ metadata: { uid } }) => uid).toSorted(),
});

/** The whole of a cluster, old and new, without property paths. */
const REBUILT = [
  "ClusterReady cluster",
  "Domain control-plane-0",
  "Domain worker-0",
  "Guest control-plane-0",
  "Guest worker-0",
  "JoinToken cluster-worker-0",
  "KubeadmInit cluster",
  "KubeadmJoin cluster-worker-0",
  "Volume control-plane-0",
  "Volume worker-0",
].flatMap((name) => [`create-replacement ${name}`, `delete-replaced ${name}`]);
const withoutPaths = (steps: readonly string[]) => steps.map((step) => step.split(" ").slice(0, 3).join(" "));

/** What makes a node's network is what has its folder mounted. */
const ANOTHER_CNI = `apiVersion: apps/v1
kind: DaemonSet
metadata: { name: another, namespace: kube-system }
spec:
  selector: { matchLabels: { app: another } }
  template:
    metadata: { labels: { app: another } }
    spec:
      hostNetwork: true
      containers: [{ name: another, image: "another.invalid/another:1" }]
      volumes: [{ name: cni, hostPath: { path: /etc/cni/net.d } }]
`;

const CONTROL_PLANE_DISK = "create-replacement Volume control-plane-0";
const CONFIGURATION = "KUBECONFIG=/etc/kubernetes/admin.conf kubectl -n kube-system get cm kubeadm-config -o yaml";

/** What its file system can hold. */
async function rootMiB(node: string): Promise<number> {
  return Number(/(\d+) +\d+ +\d+ +\d+% \/$/m.exec(await onNode(node, "df", "-m", "/"))?.[1]);
}

beforeAll(async () => {
  clone = await makeClone();
  configure({ workers: "1" });
  await lab("up");
}, 10 * MINUTE);

afterAll(async () => clone.remove(), 5 * MINUTE);

describe("in place, on the same machines and nodes", () => {
  let before: Awaited<ReturnType<typeof identities>>;
  beforeAll(async () => {
    before = await identities();
  }, MINUTE);

  test(
    "another size: the machines are restarted, a worker drained, and the cluster survives",
    async () => {
      const boot = await bootIds();
      expect(await change({ workerMemoryMiB: "320", controlPlaneVcpus: "2" })).toEqual([
        "update ClusterReady cluster",
        "update Domain control-plane-0 vcpu",
        "update Domain worker-0 memory",
      ]);
      expect(await dominfo("worker-0")).toMatch(/Max memory: +327680 KiB/);
      expect(await onNode("control-plane-0", "nproc")).toBe("2");
      expect((await bootIds()).filter((id) => boot.includes(id))).toEqual([]);
      // The control plane's pods have nowhere to go.
      const moments = [
        "tiny-control-plane-0 restart-stop started",
        "tiny-control-plane-0 restart-drain-tiny-worker-0 finished",
        "tiny-worker-0 restart-stop started",
      ];
      const unwanted = "tiny-control-plane-0 restart-drain-tiny-control-plane-0 finished";
      expect(momentsOf(clone, STACK, [...moments, unwanted])).toEqual(moments);
      expect(await readiness()).toEqual([IN_ORDER, IN_ORDER]);
      expect(await identities()).toEqual(before);
    },
    5 * MINUTE,
  );

  test(
    "bigger disks: volumes and file systems grow under the running machines",
    async () => {
      const boot = await bootIds();
      expect(await change({ diskGiB: "2" })).toEqual([
        "update ClusterReady cluster",
        "update Volume control-plane-0 size",
        "update Volume worker-0 size",
      ]);
      expect(await rootMiB("worker-0")).toBeGreaterThan(1700);
      expect(await bootIds()).toEqual(boot);
      expect(await identities()).toEqual(before);
    },
    5 * MINUTE,
  );

  test(
    "labels of the workers come, and go when nobody wants them any more",
    async () => {
      const labelled = ["update KubeadmJoin cluster-worker-0"];
      expect(await change({ kubernetes: '{ roles: { worker: { labels: { "tier": "lab" } } } }' })).toEqual(labelled);
      expect(await labelsOfWorker()).toHaveProperty("tier", "lab");
      expect(await change({ kubernetes: "{}" })).toEqual(labelled);
      expect(await labelsOfWorker()).not.toHaveProperty("tier");
      expect(await identities()).toEqual(before);
    },
    5 * MINUTE,
  );
});

describe("by another cluster on fresh machines", () => {
  test(
    "another setting of kubeadm's",
    async () => {
      const before = await identities();
      const steps = await change({ kubernetes: "{ kubelet: { maxPods: 50 } }" });
      expect(withoutPaths(steps)).toEqual(REBUILT.toSorted());
      expect(steps).toContain("create-replacement Volume control-plane-0 triggers.cluster");
      const after = await identities();
      expect(after.machines.filter((id) => before.machines.includes(id))).toEqual([]);
      expect(after.nodes.filter((uid) => before.nodes.includes(uid))).toEqual([]);
    },
    5 * MINUTE,
  );

  test(
    "another network of the pods', and other names, which the machines are told as credentials",
    async () => {
      writeFileSync(join(clone.folder, "cni.yaml"), ANOTHER_CNI);
      const steps = await change({ cni: "cni.yaml", nodeNameTemplate: '"{stack}-lab-{role}-{index}"' });
      expect(withoutPaths(steps)).toEqual([...REBUILT, "update Network network"].toSorted());
      expect(steps).toContain("create-replacement Volume control-plane-0 triggers.cluster triggers.node");
      expect((await nodes()).map(({ metadata }) => metadata.name)).toContain("tiny-lab-worker-0");
    },
    5 * MINUTE,
  );

  test(
    "other subnets, a smaller disk, because no file system shrinks, and another block of addresses, which is another network too",
    async () => {
      const subnets = { podSubnet: "10.200.0.0/16", serviceSubnet: "10.100.0.0/16" };
      const [smaller, elsewhere] = [{ diskGiB: "1" }, { cidrPool: "10.99.0.0/16" }];
      const another = ["create-replacement Network network", "delete-replaced Network network"];
      // Each alone is a reason; made together, so that one rebuild does for all.
      const planned = [await previewed(subnets), await previewed(smaller), await previewed(elsewhere)];
      expect(planned.map(withoutPaths)).toEqual([
        REBUILT.toSorted(),
        REBUILT.toSorted(),
        [...REBUILT, ...another].toSorted(),
      ]);
      expect(planned.map((steps) => steps.find((step) => step.startsWith(CONTROL_PLANE_DISK)))).toEqual([
        `${CONTROL_PLANE_DISK} triggers.cluster`,
        `${CONTROL_PLANE_DISK} size`,
        CONTROL_PLANE_DISK,
      ]);

      await change({ ...subnets, ...smaller, ...elsewhere });
      const made = await nodes();
      expect(made.map(({ spec }) => spec.podCIDR)).toEqual(
        Array(2).fill(expect.stringMatching(/^10\.200\.\d+\.0\/24$/)),
      );
      const addresses = made.flatMap(({ status }) => status.addresses.map(({ address }) => address));
      expect(addresses).toContainEqual(expect.stringMatching(/^10\.99\.\d+\.20$/));
      expect(await onNode("control-plane-0", CONFIGURATION)).toContain("serviceSubnet: 10.100.0.0/16");
      expect(await rootMiB("worker-0")).toBeLessThan(1024);
    },
    8 * MINUTE,
  );
});

const IMAGE_CHANGE = [...REBUILT, "update NixBuild node-image"].toSorted();

describe("another image of the stack, as a preview tells it (life-cycle.test.ts makes one)", () => {
  afterEach(async () => succeeded(await clone.run("git", "checkout", "--quiet", "--", ".")));

  test.each([
    ["by the lock", "nix/debian/packages.lock", /(?<="busybox-static": \{[^}]*"sha256": ")./, "f"],
    ["by Kubernetes' version", "nix/programs.nix", /(?<=kubernetesVersion = "v1\.\d+\.)/, "9"],
  ])(
    "%s",
    async (_, file, what, text) => {
      clone.edit(file, (before) => before.replace(what, text));
      const steps = await previewed({});
      expect(withoutPaths(steps)).toEqual(IMAGE_CHANGE);
      expect(steps).toContainEqual(expect.stringMatching(`^${CONTROL_PLANE_DISK} baseFile`));
    },
    2 * MINUTE,
  );

  test(
    "by its flake, or by its flavour",
    async () => {
      succeeded(await clone.run("git", "clone", "--quiet", "--shared", ".", "../another"));
      appendFileSync(join(clone.folder, "../another/nix/tiny/files/hosts"), "# another image\n");
      // With as much memory as kubeadm asks for.
      const flavour = { imageFlavour: "debian", controlPlaneMemoryMiB: "2048" };
      for (const wanted of [{ imageFlake: "../another" }, flavour]) {
        const steps = await previewed(wanted);
        expect(withoutPaths(steps)).toEqual(IMAGE_CHANGE);
        expect(steps).toContainEqual(expect.stringMatching(`^${CONTROL_PLANE_DISK} baseFile`));
      }
    },
    2 * MINUTE,
  );
});

const ROLL_FILE = "/run/roll";
/** How many nodes are Ready, again and again while the file is there; a look that fails says nothing. */
const WATCH = `touch ${ROLL_FILE}; while [ -e ${ROLL_FILE} ]; do seen=$(kubectl get nodes --no-headers 2> /dev/null) && echo "$seen" | grep -cw Ready; sleep 2; done > ${ROLL_FILE}.log 2>&1 &`;

/** Moments of the workers under their new names. */
const boots = (worker: string) => `tiny-lab-${worker} machine-boot started`;
const isDrained = (worker: string) => `tiny-lab-control-plane-0 node-drain-tiny-lab-${worker} finished`;
const isReady = (worker: string) => `tiny-lab-control-plane-0 join-ready-tiny-lab-${worker} finished`;

test(
  "rolling: to say so changes nothing, nor do deadlines; workers are made and replaced one after the other, each once the one before is Ready",
  async () => {
    expect(await change({ replace: "rolling" })).toEqual([]);
    expect(await change({ deadlinesFactor: "6", deadlines: "{ shutdown: 45, virsh: 70 }" })).toEqual([]);
    expect(await deadlinesInState()).toEqual({
      ofLab: { deadlinesFactor: 6, deadlines: { shutdown: 45, virsh: 70 } },
      ofDomain: { create: 70, update: 90, delete: 70 },
    });
    const more = ["worker-1", "worker-2"];
    await change({ workers: "3" });
    const inTurn = more.flatMap((worker) => [boots(worker), isReady(worker)]);
    expect(momentsOf(clone, STACK, inTurn)).toEqual(inTurn);

    await onNode("control-plane-0", WATCH);
    const taint =
      '{ kubelet: { maxPods: 50 }, roles: { worker: { taints: [{ key: "lab", effect: "PreferNoSchedule" }] } } }';
    const steps = await change({ kubernetes: taint });
    const workers = ["worker-0", ...more];
    const replaced = ["Domain ", "Guest ", "JoinToken cluster-", "KubeadmJoin cluster-", "Volume "]
      .flatMap((kind) => workers.map((worker) => `${kind}${worker}`))
      .flatMap((name) => [`create-replacement ${name}`, `delete-replaced ${name}`]);
    expect(withoutPaths(steps)).toEqual([...replaced, "update ClusterReady cluster"].toSorted());
    const rolled = workers.flatMap((worker) => [isDrained(worker), boots(worker), isReady(worker)]);
    expect(momentsOf(clone, STACK, rolled)).toEqual(rolled);
    const ready = (await onNode("control-plane-0", `rm ${ROLL_FILE}; cat ${ROLL_FILE}.log`)).split("\n").map(Number);
    // Of four; that one was seen to be missing shows that somebody looked.
    expect(Math.min(...ready)).toBe(3);
  },
  10 * MINUTE,
);

interface Timed {
  readonly urn: string;
  readonly customTimeouts?: object;
}

/** What ./lab start and stop go by, and the libvirt provider. */
async function deadlinesInState() {
  const { stdout } = await clone.lab("pulumi", "stack", "export", "--stack", STACK);
  const { deployment }: { readonly deployment: { readonly resources: readonly Timed[] } } = JSON.parse(stdout);
  const domain = deployment.resources.find(({ urn }) => urn.endsWith("index/domain:Domain::worker-0"));
  return { ofLab: stackMembers(stdout).deadlines, ofDomain: domain?.customTimeouts };
}

test(
  "edited drivers, resources and providers change nothing",
  async () => {
    for (const file of ["drivers/kubeadm.ts", "plan/init-steps.ts", "providers/libvirt/domain.ts"]) {
      clone.edit(file, (text) => `${text}\nexport const edited = true;\n`);
    }
    clone.edit("resources/kubeadm-init.ts", (text) =>
      text.replace("async delete() {},", "async delete() {\n    return;\n  },"),
    );
    expect(await lab("preview", "--expect-no-changes")).toMatch(/^ +\d+ unchanged$/m);
  },
  2 * MINUTE,
);

test(
  "order, comments and form of the configuration change nothing",
  async () => {
    const lines = [...settings.values()].toReversed().map((line) => `# a comment\n${line}`);
    writeFileSync(join(clone.folder, "Pulumi.tiny.yaml"), `config:\n\n${lines.join("\n\n")}\n`);
    expect(await lab("preview", "--expect-no-changes")).toMatch(/^ +\d+ unchanged$/m);
    expect(await lab("destroy")).toContain("nothing is left");
  },
  2 * MINUTE,
);
