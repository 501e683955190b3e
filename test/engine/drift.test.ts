import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readHostRecord } from "../../drivers/embedded-host-record";
import { makeClone, outcome, succeeded, type Clone } from "../fixtures/clone";
import { REAL, STACK_CONFIGURATION } from "../fixtures/engine-image";
import { previewedUp } from "../fixtures/engine-steps";
import { lookAtNode } from "../fixtures/seen-node";
import { stackState, type Outputs } from "../fixtures/stack-state";

/**
 * What happened to a stack behind its back: a refresh says it, the next preview shows what the next up then does, and the cluster is
 * Ready again. Real guests, one stack, one case after the other. Tiny image; or by command real Kubernetes.
 */

const MINUTE = 60_000;
const STACK = "tiny";
const [CONTROL_PLANE, WORKER] = ["tiny-control-plane-0", "tiny-worker-0"];
const [CONTROL_PLANE_DOMAIN, WORKER_DOMAIN] = [`replikube-${CONTROL_PLANE}`, `replikube-${WORKER}`];
const NETWORK = "replikube-tiny";
const LIMIT = (REAL ? 30 : 5) * MINUTE;

/** By the init system of either image. A kubelet that has lost its configuration does not come back. */
const STOP_KUBELET_AND_RESTART_SSHD = REAL
  ? "systemctl stop kubelet; systemctl restart ssh"
  : "rm /var/lib/kubelet/config.yaml; killall sshd";

let clone: Clone;

const lab = async (verb: string, ...args: string[]) => succeeded(await clone.lab(verb, "--stack", STACK, ...args));
const onNode = (node: string, script: string) => lab("ssh", node, "--", script);
const kubectl = (script: string) =>
  onNode("control-plane-0", `export KUBECONFIG=/etc/kubernetes/admin.conf; ${script}`);

const words = ({ observed, definition, guest }: Outputs): readonly unknown[] =>
  [observed, definition, guest].filter((each) => each !== undefined && each !== "ok");

/** What a refresh left in the state that is not as it was made, by resource. */
async function seen(): Promise<Readonly<Record<string, unknown>>> {
  const state = await stackState(clone, STACK);
  return Object.fromEntries(
    [...state].map(([name, outputs]) => [name, words(outputs).join()] as const).filter(([, each]) => each !== ""),
  );
}

/** What preview said; up has been seen to do just that. */
async function repair(): Promise<readonly string[]> {
  const { planned, done } = await previewedUp(clone, STACK);
  expect(done).toEqual(planned);
  return planned;
}

const replaced = (...names: readonly string[]) =>
  names.flatMap((name) => [`create-replacement ${name}`, `delete-replaced ${name}`]);

/** Of the control plane and the worker: made once, at the first boot of a disk. */
async function machineIds(): Promise<readonly string[]> {
  const seenNodes = await Promise.all(["control-plane-0", "worker-0"].map((node) => lookAtNode(clone, STACK, node)));
  return seenNodes.map(({ machineId }) => machineId);
}

/** Undefined when the state knows no cluster. */
const pinOf = async () => (await stackState(clone, STACK)).get("KubeadmInit cluster")?.["caCertHash"];

/** As `virsh edit` does. */
async function edit(domain: string, change: (xml: string) => string): Promise<void> {
  const file = join(clone.folder, ".state/domain.xml");
  writeFileSync(file, change(await clone.virsh("dumpxml", "--inactive", domain)));
  await clone.virsh("define", file);
}

beforeAll(async () => {
  clone = await makeClone({ "Pulumi.tiny.yaml": STACK_CONFIGURATION });
  await lab("up");
}, 3 * LIMIT);

afterAll(async () => clone.remove(), 5 * MINUTE);

test(
  "libvirtd that was started again is no drift",
  async () => {
    const record = readHostRecord(join(clone.folder, ".state/host/host.json"));
    if (record === undefined) throw new Error("no host");
    process.kill(record.libvirtdPid, "SIGKILL");
    expect(await lab("refresh", "--", "--expect-no-changes")).toMatch(/^ +\d+ unchanged$/m);
  },
  LIMIT,
);

test(
  "a stopped network and pool, and a changed machine: all in place, with the machines that are there",
  async () => {
    const uuid = await clone.virsh("domuuid", WORKER_DOMAIN);
    await edit(WORKER_DOMAIN, (xml) => xml.replace("loglevel=5", "loglevel=7"));
    await clone.virsh("pool-destroy", NETWORK);
    await clone.virsh("net-destroy", NETWORK);
    const printed = await lab("refresh", "--diff");
    expect(printed).toMatch(/~ observed +: "ok" => "unreachable"/);
    expect(printed).toMatch(/\+ guest +: "networkInterfaces\[0\] lost its link when its network stopped"/);
    expect(await repair()).toEqual([
      "update ClusterReady cluster",
      "update Domain control-plane-0 guest",
      "update Domain worker-0 cmdlines[0]._ guest",
      "update Guest control-plane-0",
      "update Guest worker-0",
      "update KubeadmInit cluster",
      "update KubeadmJoin cluster-worker-0",
      "update Network network active",
      "update Pool pool active",
    ]);
    expect(await seen()).toEqual({});
    expect(await clone.virsh("domuuid", WORKER_DOMAIN)).toBe(uuid);
    expect(await onNode("worker-0", "cat /proc/cmdline")).toContain("loglevel=5");
  },
  LIMIT,
);

test(
  "a paused machine, a deleted and a cordoned node, another configuration of kubeadm",
  async () => {
    await kubectl(
      [
        `kubectl delete node ${WORKER}`,
        `kubectl cordon ${CONTROL_PLANE}`,
        `kubectl -n kube-system get cm kubeadm-config -o json | sed s,10.96.0.0,10.97.0.0, | kubectl apply -f -`,
      ].join(" && "),
    );
    await clone.virsh("suspend", WORKER_DOMAIN);
    await lab("refresh");
    expect(await seen()).toEqual({
      "Guest worker-0": "its machine is paused",
      "KubeadmInit cluster": "kubeadm-config differs: networking.serviceSubnet",
      "ClusterReady cluster": `${CONTROL_PLANE} is cordoned; ${WORKER} is missing`,
    });
    const preview = await lab("preview");
    expect(preview).toContain(`cluster: the refresh saw: ${CONTROL_PLANE} is cordoned; ${WORKER} is missing`);
    expect(await repair()).toEqual([
      "create KubeadmJoin cluster-worker-0",
      "update ClusterReady cluster",
      "update Domain worker-0 running",
      "update Guest worker-0",
      "update KubeadmInit cluster",
    ]);
    expect(await seen()).toEqual({});
    const nodes = await kubectl("kubectl get nodes; kubectl -n kube-system get cm kubeadm-config -o yaml");
    expect(nodes).not.toContain("SchedulingDisabled");
    expect(nodes).toContain("10.96.0.0/16");
    const behind = Date.now() / 1000 - Number(/\d+/.exec(await onNode("worker-0", "date +%s"))?.[0]);
    expect(Math.abs(behind)).toBeLessThan(5);
  },
  LIMIT,
);

test(
  "a machine whose definition is gone is made anew on its disk, and its node joins again",
  async () => {
    const before = await machineIds();
    await clone.virsh("destroy", WORKER_DOMAIN);
    await clone.virsh("undefine", WORKER_DOMAIN);
    await lab("refresh");
    const rejoined = ["JoinToken cluster-worker-0", "KubeadmJoin cluster-worker-0"];
    expect(await repair()).toEqual(
      [
        "create Domain worker-0",
        "create Guest worker-0",
        ...rejoined.flatMap((name) => [`create-replacement ${name} instance`, `delete-replaced ${name}`]),
        "update ClusterReady cluster",
      ].toSorted(),
    );
    expect(await seen()).toEqual({});
    expect(await machineIds()).toEqual(before);
  },
  LIMIT,
);

test(
  "a control plane that was reset is initialised again, and the worker joins, both on the machines that are there",
  async () => {
    const before = await machineIds();
    const pinned = await pinOf();
    await onNode("control-plane-0", "kubeadm reset --force");
    await lab("refresh");
    expect(await seen()).toEqual({
      "KubeadmJoin cluster-worker-0": "unreachable",
      "ClusterReady cluster": "unreachable",
    });
    expect(await pinOf()).toBeUndefined();
    expect(await repair()).toEqual([
      "create KubeadmInit cluster",
      "update ClusterReady cluster",
      "update KubeadmJoin cluster-worker-0",
    ]);
    expect(await seen()).toEqual({});
    expect(await pinOf()).not.toBe(pinned);
    expect(await machineIds()).toEqual(before);
  },
  LIMIT,
);

test(
  "a network that is gone is made anew, and with it all that was in it",
  async () => {
    const before = await machineIds();
    await clone.virsh("net-destroy", NETWORK);
    await clone.virsh("net-undefine", NETWORK);
    await lab("refresh");
    const others = ["Domain", "Guest"].flatMap((kind) => [`${kind} control-plane-0`, `${kind} worker-0`]);
    const cluster = [
      "ClusterReady cluster",
      "JoinToken cluster-worker-0",
      "KubeadmInit cluster",
      "KubeadmJoin cluster-worker-0",
    ];
    expect(await repair()).toEqual(
      [
        "create Network network",
        "create-replacement Volume control-plane-0 triggers.network",
        "delete-replaced Volume control-plane-0",
        ...replaced("Volume worker-0", ...others, ...cluster),
      ].toSorted(),
    );
    expect(await seen()).toEqual({});
    for (const id of await machineIds()) expect(before).not.toContain(id);
  },
  LIMIT,
);

test(
  "another host key is refused by refresh and up, a node whose kubelet stopped is told, and the machine can be replaced",
  async () => {
    const keyOf = async () => (await stackState(clone, STACK)).get("Guest worker-0")?.["hostKey"];
    const pinned = await keyOf();
    await onNode(
      "worker-0",
      `rm /etc/ssh/ssh_host_*; /usr/lib/replikube/make-host-key; (sleep 1; ${STOP_KUBELET_AND_RESTART_SSHD}) > /dev/null 2>&1 &`,
    );
    await kubectl(`kubectl wait --for=condition=Ready=Unknown node/${WORKER} --timeout=180s`);
    await lab("refresh");
    expect(await seen()).toEqual({
      "Guest worker-0": "foreign host key",
      "ClusterReady cluster": `${WORKER} is NotReady`,
    });
    const { exitCode, printed } = outcome(await clone.lab("up", "--stack", STACK));
    expect(exitCode).not.toBe(0);
    expect(printed).toContain(`${WORKER}: foreign host key: its SSH host key is another one`);
    expect(printed).toContain("./lab up --stack tiny --replace '**::worker-0'");
    expect(await keyOf()).toBe(pinned);
    const [evidence = ""] = /evidence: .*-boot$/m.exec(printed) ?? [];
    expect(readFileSync(join(evidence.replace("evidence: ", ""), WORKER, "domain-state.txt"), "utf8")).toMatch(
      /^running/,
    );

    const uuid = await clone.virsh("domuuid", WORKER_DOMAIN);
    await lab("up", "--replace", "**::worker-0");
    expect(await seen()).toEqual({});
    expect(await keyOf()).not.toBe(pinned);
    expect(await clone.virsh("domuuid", WORKER_DOMAIN)).not.toBe(uuid);
  },
  LIMIT,
);

test(
  "a dead host fails no refresh; its machines come back, and one whose disk is gone is made anew",
  async () => {
    succeeded(await clone.lab("host", "stop", "--force"));
    expect(succeeded(await clone.lab("pulumi", "refresh", "--yes", "--skip-preview", "--stack", STACK))).toContain(
      "cannot be looked at",
    );
    expect((await seen())["Guest worker-0"]).toBe("unreachable");
    succeeded(await clone.lab("host", "start"));
    rmSync(join(clone.folder, `.state/stacks/${STACK}/pool/${WORKER_DOMAIN}.qcow2`));
    await lab("refresh");
    const asleep = `unreachable: ${CONTROL_PLANE} is shut off`;
    expect(await seen()).toEqual({
      "Guest control-plane-0": "its machine is shut off",
      "Guest worker-0": "its machine is shut off",
      "KubeadmInit cluster": asleep,
      "KubeadmJoin cluster-worker-0": asleep,
      "ClusterReady cluster": asleep,
    });
    const anew = ["Guest worker-0", "JoinToken cluster-worker-0", "KubeadmJoin cluster-worker-0"];
    expect(await repair()).toEqual(
      [
        "create Volume worker-0",
        "create-replacement Domain worker-0 disks[0].volumeId running",
        "delete-replaced Domain worker-0",
        ...replaced(...anew),
        "update ClusterReady cluster",
        "update Domain control-plane-0 running",
        "update Guest control-plane-0",
        "update KubeadmInit cluster",
        "update Network network active",
      ].toSorted(),
    );
    await lab("refresh", "--", "--expect-no-changes");
    expect(await clone.virsh("domstate", CONTROL_PLANE_DOMAIN)).toBe("running");
    expect(await lab("destroy")).toContain("nothing is left");
  },
  LIMIT,
);
