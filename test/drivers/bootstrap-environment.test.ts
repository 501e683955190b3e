import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withBootstrapEnvironment, type EnvironmentRequest } from "../../drivers/bootstrap-environment";
import { withEvidence } from "../../drivers/evidence";
import { StepTimeout } from "../../drivers/errors";

/** What is kept when something fails between the steps: libvirt's own test driver has the domain, and no machine answers. */

let root: string;
let request: EnvironmentRequest;

const node = (nodeName: string) => ({
  nodeName,
  domainName: "test",
  // No route leads to it (RFC 6890).
  address: "0.0.0.1",
  hostKey: "ssh-ed25519 AAAA",
  consoleLog: join(root, `${nodeName}.log`),
  instance: "i",
});

const kept = (): readonly string[] => {
  try {
    return readdirSync(join(root, ".state/evidence/blue"));
  } catch {
    return [];
  }
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "environment-"));
  const [controlPlane, worker] = [node("cp"), node("worker")];
  request = {
    work: "join",
    about: worker,
    access: {
      stack: "blue",
      libvirtUri: "test:///default",
      privateKey: "no key",
      deadlinesFactor: 1,
      deadlines: { connect: 1 },
    },
    nodes: [controlPlane, worker],
    secrets: ["sesame"],
    root,
  };
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

it("is of every machine when a wait has no end, without secrets, and the error says where", async () => {
  const context = { machine: "worker", step: "register the node", next: "look at the kubelet" };
  const failing = withBootstrapEnvironment(request, () =>
    Promise.reject(new StepTimeout(context, "its node object", 60, "no node by sesame")),
  );
  await expect(failing).rejects.toThrow(/look at the kubelet\nevidence: .*\/\d{8}T\d{6}Z-worker-join$/);
  const [folder = "", ...more] = kept();
  expect(more).toEqual([]);
  const read = (file: string): string => readFileSync(join(root, ".state/evidence/blue", folder, file), "utf8");
  expect(read("error.txt")).toContain("last seen: no node by [secret]");
  for (const name of ["cp", "worker"]) {
    expect(read(`${name}/domain.xml`)).toContain("<name>test</name>");
    expect(read(`${name}/journal.log`)).toContain("connection lost");
  }
});

it("is not kept twice of what a step has failed of", async () => {
  const failing = withBootstrapEnvironment(request, () =>
    Promise.reject(withEvidence(new Error("it broke"), "/somewhere")),
  );
  await expect(failing).rejects.toThrow(/^it broke\nevidence: \/somewhere$/);
  expect(kept()).toEqual([]);
});

it("is not kept of work that nobody wants any more", async () => {
  const failing = withBootstrapEnvironment({ ...request, signal: AbortSignal.abort() }, () =>
    Promise.reject(new Error("given up")),
  );
  await expect(failing).rejects.toThrow(/^given up$/);
  expect(kept()).toEqual([]);
});
