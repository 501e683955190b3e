import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { initSteps } from "../../plan/init-steps";
import { joinSteps } from "../../plan/join-steps";
import { labelStep } from "../../plan/node-steps";
import type { Argv } from "../../plan/step";
import { controlPlaneContext, workerContext } from "../fixtures/bootstrap";

/** What the steps' own shell lines decide, run by a real sh over a folder that stands for the node's root. */

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "steps-"));
  for (const folder of ["bin", "etc/kubernetes/manifests", "etc/kubernetes/pki", "var/lib/replikube"]) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  // What a loss of power leaves, from one line to the next.
  const listed = `cd ${root} && echo $(find etc var -type f -size +0 | sort) >> synced`;
  writeFileSync(join(root, "bin/sync"), `#!/bin/sh\n${listed}\n`, { mode: 0o755 });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const inRoot = (text: string): string =>
  text
    .replaceAll("/etc/", `${root}/etc/`)
    .replaceAll("/var/lib/", `${root}/var/lib/`)
    .replaceAll("/run/flannel", `${root}/run/flannel`);

const exitCode = (command: Argv): number | null => {
  const [program, ...args] = command.map(inRoot);
  return spawnSync(program ?? "", args, { env: { PATH: `${root}/bin:/usr/bin:/bin` } }).status;
};

const kubeadm = (script: string): void =>
  writeFileSync(join(root, "bin/kubeadm"), `#!/bin/sh\necho "$@" >> ${root}/calls\n${script}\n`, { mode: 0o755 });

const deadlines = { deadlinesFactor: 1 };
const credentials = { token: "abcdef.0123456789abcdef", caCertHash: `sha256:${"c0".repeat(32)}` };
const joining = joinSteps(
  { context: workerContext, credentials, controlPlane: "cp", instance: "i0", untilReady: false },
  deadlines,
);
const initStep = (id: string) => {
  const step = initSteps(controlPlaneContext, deadlines).find((each) => each.id === id);
  if (step === undefined) throw new Error(`no step ${id}`);
  return step;
};

const isDone = (): boolean => exitCode(joining.reset.doneWhen ?? ["false"]) === 0;

describe("the reset before a join", () => {
  it("has nothing to do on a machine that kubeadm never touched", () => {
    expect(isDone()).toBe(true);
  });

  it.each(["pki/ca.crt", "kubelet.conf"])("is needed when a killed kubeadm left %s alone", (name) => {
    writeFileSync(join(root, "etc/kubernetes", name), "");
    expect(isDone()).toBe(false);
  });

  it("has nothing to do on a machine that joined this cluster as this machine, and takes back any other join", () => {
    writeFileSync(join(root, "etc/kubernetes/kubelet.conf"), "");
    const mark = join(root, "var/lib/replikube/joined");
    writeFileSync(mark, "cluster c0c0c0c0c0c0c0c0 machine i0\n");
    expect(isDone()).toBe(true);
    for (const other of ["cluster c1 machine i0", "cluster c0c0c0c0c0c0c0c0 machine i1", ""]) {
      writeFileSync(mark, `${other}\n`);
      expect(isDone()).toBe(false);
    }
  });

  it("takes back what kubeadm and the CNI left, and fails when kubeadm does", () => {
    const left = ["10-flannel.conflist", "20-other.conflist"].map((name) => join(root, "etc/cni/net.d", name));
    mkdirSync(join(root, "etc/cni/net.d"), { recursive: true });
    for (const file of left) writeFileSync(file, "");
    writeFileSync(join(root, "bin/ip"), '#!/bin/sh\necho "$@" >> ${0%/*}/../links; exit 1\n', { mode: 0o755 });
    kubeadm("exit 0");
    expect(exitCode(joining.reset.command)).toBe(0);
    expect(left.map((file) => existsSync(file))).toEqual([false, true]);
    expect(readFileSync(join(root, "links"), "utf8")).toContain("link delete cni0");
    kubeadm("exit 1");
    expect(exitCode(joining.reset.command)).not.toBe(0);
  });

  it("of a machine whose node was deleted forgets first that it joined", () => {
    const mark = join(root, "var/lib/replikube/joined");
    writeFileSync(mark, "");
    expect(exitCode(joining.leave.doneWhen ?? ["true"])).not.toBe(0);
    kubeadm("exit 1");
    expect(exitCode(joining.leave.command)).not.toBe(0);
    expect(existsSync(mark)).toBe(false);
    expect(exitCode(joining.leave.doneWhen ?? ["false"])).toBe(0);
  });

  it("leaves no mark of what was done in the cluster before", () => {
    const marks = ["initialised", "joined", "controllers-started", "init-tokens-deleted", "cni-0123", "cordoned-w"];
    for (const name of marks) writeFileSync(join(root, "var/lib/replikube", name), "");
    writeFileSync(join(root, "var/lib/replikube/log"), "");
    kubeadm("exit 0");
    expect(exitCode(joining.reset.command)).toBe(0);
    expect(readdirSync(join(root, "var/lib/replikube"))).toEqual(["log"]);
  });
});

describe("the initialisation", () => {
  const { command, doneWhen = ["false"] } = initStep("kubeadm-init");

  it("is not done any more after somebody has reset the node, and forgets what was done for the earlier CA", () => {
    const marks = join(root, "var/lib/replikube");
    const ca = join(root, "etc/kubernetes/pki/ca.crt");
    for (const name of ["controllers-started", "init-tokens-deleted", "cni-0123"]) writeFileSync(join(marks, name), "");
    kubeadm(`touch ${ca}`);
    expect(exitCode(command)).toBe(0);
    expect(readdirSync(marks)).toEqual(["initialised"]);
    expect(exitCode(doneWhen)).toBe(0);
    rmSync(ca);
    expect(exitCode(doneWhen)).not.toBe(0);
  });

  it("is marked on the disk once kubeadm's files are there, and the mark of an earlier one is gone before they change", () => {
    const mark = "var/lib/replikube/initialised";
    writeFileSync(join(root, mark), "an earlier one\n");
    kubeadm(`echo pem > ${root}/etc/kubernetes/pki/ca.crt`);
    expect(exitCode(command)).toBe(0);
    const onDisk = readFileSync(join(root, "synced"), "utf8").split("\n").slice(0, -1);
    expect(onDisk).toEqual(["", "etc/kubernetes/pki/ca.crt", `etc/kubernetes/pki/ca.crt ${mark}`]);
  });
});

describe("deleting a join's token", () => {
  it("fails when kubeadm can neither delete nor list", () => {
    kubeadm("exit 1");
    expect(exitCode(joining.deactivate.command)).not.toBe(0);
  });

  it("is done when the token is not in the list any more, and not when it still is", () => {
    kubeadm('case $* in *list*) echo \'{ "token": "zzzzzz.0" }\' ;; *) exit 1 ;; esac');
    expect(exitCode(joining.deactivate.command)).toBe(0);
    kubeadm('case $* in *list*) echo \'{ "token": "abcdef.0" }\' ;; *) exit 1 ;; esac');
    expect(exitCode(joining.deactivate.command)).not.toBe(0);
  });
});

describe("deleting the tokens that init made", () => {
  const { command, doneWhen = ["false"] } = initStep("init-token-delete");

  it("fails, and leaves no mark, when they cannot be listed or not be deleted", () => {
    kubeadm("exit 1");
    expect(exitCode(command)).not.toBe(0);
    kubeadm('case $* in *list*) echo \'{ "token": "abcdef.0123456789abcdef" }\' ;; *) exit 1 ;; esac');
    expect(exitCode(command)).not.toBe(0);
    expect(exitCode(doneWhen)).not.toBe(0);
  });

  it("deletes every one by its public id alone", () => {
    kubeadm(
      'case $* in *list*) printf \'{ "token": "abcdef.0123456789abcdef" }\\n{ "token": "zyxwvu.0123456789abcdef" }\\n\' ;; esac',
    );
    expect(exitCode(command)).toBe(0);
    const calls = readFileSync(join(root, "calls"), "utf8");
    expect(calls.match(/token delete \S+/g)).toEqual(["token delete abcdef", "token delete zyxwvu"]);
    expect(exitCode(doneWhen)).toBe(0);
  });
});

const labelled = (labels: Readonly<Record<string, string>>) =>
  labelStep({ ...workerContext.node, labels }, "cp", deadlines);
const set = (labels: Readonly<Record<string, string>>): number | null => exitCode(labelled(labels).command);
/** Words of the last call, without those that are always there. */
const asked = (): readonly string[] =>
  (readFileSync(join(root, "calls"), "utf8").trim().split("\n").at(-1) ?? "").split(" ").slice(6).toSorted();
const kubectlAnswers = (script: string): void =>
  writeFileSync(join(root, "bin/kubectl"), `#!/bin/sh\necho "$@" >> ${root}/calls\n${script}\n`, { mode: 0o755 });

const nothingLeft = (): boolean => exitCode(labelled({}).doneWhen ?? ["false"]) === 0;

describe("the labels of a node", () => {
  beforeEach(() => kubectlAnswers("exit 0"));

  it("are taken away when nobody wants them any more, and only then", () => {
    expect(nothingLeft()).toBe(true);
    expect(set({ tier: "lab", "example.org/disk": "ssd" })).toBe(0);
    expect(asked()).toEqual(["example.org/disk=ssd", "tier=lab"]);
    expect(nothingLeft()).toBe(false);
    expect(set({ tier: "other" })).toBe(0);
    expect(asked()).toEqual(["example.org/disk-", "tier=other"]);
    expect(set({})).toBe(0);
    expect(asked()).toEqual(["tier-"]);
    expect(nothingLeft()).toBe(true);
  });

  it("are not forgotten by one that was killed, or whose API server did not answer", () => {
    kubectlAnswers("exit 1");
    expect(set({ tier: "lab" })).toBe(1);
    expect(set({ zone: "a" })).toBe(1);
    expect(nothingLeft()).toBe(false);
    kubectlAnswers("exit 0");
    expect(set({})).toBe(0);
    expect(asked()).toEqual(["tier-", "zone-"]);
  });
});
