import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keepingEvidence, saveEvidence, type EvidenceRequest } from "../../drivers/evidence";
import type { CommandRunner } from "../../drivers/runner";

/** What is kept of a failure: libvirt's own test driver has the domain, files are real, machines answer by the test. */

const STACK = "blue";
const MIB = 2 ** 20;

let root: string;
let request: EvidenceRequest;

const kept = (): string => join(root, ".state/evidence", STACK);

const machine = (nodeName: string, run?: CommandRunner["run"]) => ({
  node: { nodeName, domainName: "test", consoleLog: join(root, `${nodeName}.log`) },
  ...(run !== undefined && { runner: { machine: nodeName, run } }),
});

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "evidence-"));
  writeFileSync(join(root, "cp.log"), `${"x".repeat(MIB)}the last words\n`);
  request = {
    root,
    stack: STACK,
    step: "kubeadm-init",
    libvirtUri: "test:///default",
    deadlinesFactor: 1,
    machines: [
      machine("cp", () => Promise.resolve({ exitCode: 0, stdout: "the key is sesame\n", stderr: "" })),
      machine("worker", () => Promise.reject(new Error("nobody answers"))),
      machine("asleep"),
    ],
    timelineFile: join(root, "timeline.jsonl"),
    error: new Error("the port is taken"),
    redact: (text) => text.replaceAll("sesame", "[secret]"),
  };
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

it("is of every machine, and what cannot be had of one loses nothing of the others", async () => {
  const directory = await saveEvidence(request);
  const read = (file: string): string => readFileSync(join(directory, file), "utf8");
  expect(directory).toMatch(/\/\d{8}T\d{6}Z-cp-kubeadm-init$/);
  expect(read("error.txt")).toContain("the port is taken");
  expect(read("timeline.jsonl")).toContain("no file");
  for (const name of ["cp", "worker", "asleep"]) {
    expect(read(`${name}/domain.xml`)).toContain("<name>test</name>");
    expect(read(`${name}/domain-state.txt`)).toMatch(/^running/);
  }
  expect(read("cp/kubelet.log")).toBe("the key is [secret]\n");
  expect(read("worker/kubelet.log")).toBe("cannot be had: Error: nobody answers\n");
  expect(readdirSync(join(directory, "asleep"))).toEqual(["console.log", "domain-state.txt", "domain.xml"]);
});

it("has the words of QEMU itself, on an embedded host", async () => {
  const host = join(root, "host");
  mkdirSync(join(host, "log/qemu"), { recursive: true });
  writeFileSync(join(host, "lock"), "");
  writeFileSync(join(host, "log/qemu/test.log"), "qemu: cannot allocate memory\n");
  const socket = join(host, "run/libvirt-sock");
  const directory = await saveEvidence({ ...request, libvirtUri: `qemu+unix:///system?socket=${socket}` });
  expect(readFileSync(join(directory, "cp/qemu.log"), "utf8")).toBe("qemu: cannot allocate memory\n");
});

it("holds the end of what is long, and nobody else may read it", async () => {
  const directory = await saveEvidence(request);
  const file = join(directory, "cp/console.log");
  expect(statSync(file).size).toBeLessThan(MIB / 2);
  expect(readFileSync(file, "utf8")).toMatch(/xthe last words\n$/);
  expect(statSync(file).mode & 0o077).toBe(0);
  expect(statSync(directory).mode & 0o077).toBe(0);
});

const twelve = Array.from({ length: 12 }, (_, index) => `20200101T0000${10 + index}Z-cp-boot`);

it("stays of all machines that fail at once", async () => {
  for (const name of twelve) mkdirSync(join(kept(), name), { recursive: true });
  await saveEvidence(request);
  expect(readdirSync(kept())).toEqual(expect.arrayContaining(twelve));
});

it("is of the last ten failures", async () => {
  const older = twelve;
  for (const name of older) {
    mkdirSync(join(kept(), name), { recursive: true });
    utimesSync(join(kept(), name), new Date(2020, 0), new Date(2020, 0));
  }
  const directory = await saveEvidence(request);
  expect(readdirSync(kept()).map((name) => join(kept(), name))).toEqual([
    ...older.slice(3).map((name) => join(kept(), name)),
    directory,
  ]);
});

it("is named by the error that it is about", async () => {
  const failing = keepingEvidence(request, () => Promise.reject(new Error("it broke")));
  await expect(failing).rejects.toThrow(/^it broke\nevidence: .*-cp-kubeadm-init$/);
});

describe("of a machine that stands still", () => {
  /** libvirt's test driver forgets with each connection, and has a domain that is never paused: so by hand. */
  const paused = (): void => {
    const virsh = join(root, "virsh");
    writeFileSync(virsh, '#!/bin/sh\ncase "$*" in *domstate*) echo "paused (I/O error)" ;; esac\n', { mode: 0o755 });
    process.env["PATH"] = `${root}:${path}`;
  };
  const path = process.env["PATH"] ?? "";
  afterEach(() => (process.env["PATH"] = path));

  it("nothing is asked on it, and the error says that, and what to do", async () => {
    paused();
    const asked: string[] = [];
    const run: CommandRunner["run"] = ([program]) => Promise.reject(new Error(String(asked.push(program))));
    const about = { ...request, machines: [machine("cp", run)] as const };
    const failing = keepingEvidence(about, () => Promise.reject(new Error("cp: connection lost")));
    await expect(failing).rejects.toThrow(
      /^cp: connection lost\nevidence: \S+-cp-kubeadm-init\ncp: domain test is paused \(I\/O error\)\nnext: make room on the file system/,
    );
    expect(asked).toEqual([]);
    const [directory = ""] = readdirSync(kept());
    const read = (file: string): string => readFileSync(join(kept(), directory, "cp", file), "utf8");
    expect(read("kubelet.log")).toBe("cannot be had: ReplikubeError: domain test is paused (I/O error)\n");
    expect(read("domain-state.txt")).toBe("paused (I/O error)");
  });

  it("an error that says so itself says it once", async () => {
    paused();
    const said = "cp: does not run while it boots: domain test is paused (I/O error)";
    const failing = keepingEvidence(request, () => Promise.reject(new Error(said)));
    await expect(failing).rejects.toThrow(/^[^\n]*\nevidence: \S+$/);
  });
});

it("that cannot be written hides no error", async () => {
  writeFileSync(join(root, ".state"), "a file where a folder should be");
  const failing = keepingEvidence(request, () => Promise.reject(new Error("it broke")));
  await expect(failing).rejects.toThrow(/^it broke\nevidence: .* \(incomplete: .*ENOTDIR/);
});
