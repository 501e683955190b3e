import type { BootstrapEnvironment } from "../../drivers/bootstrap-environment";
import { takeOut } from "../../drivers/node-removal";
import type { CommandRunner } from "../../drivers/runner";
import type { KubeadmJoinInputs } from "../../plan/bootstrap-resources";
import { credentials, workerContext } from "../fixtures/bootstrap";

/** What becomes of the node of a worker that goes, by whose node it is; on a control plane that answers as kubectl does. */

const CONTROL_PLANE = "dev-control-plane-0";
const WORKER = workerContext.node.nodeName;

const access = (nodeName: string) => ({
  nodeName,
  domainName: `replikube-${nodeName}`,
  address: "10.77.0.10",
  hostKey: "",
  consoleLog: "",
  instance: "i",
});

const half: KubeadmJoinInputs = {
  ...workerContext,
  ...credentials,
  stack: "dev",
  libvirtUri: "test:///",
  privateKey: "",
  deadlinesFactor: 1,
  machine: access(WORKER),
  controlPlane: access(CONTROL_PLANE),
  instance: "i",
  clusterInstance: "c",
  untilReady: false,
};
const joined = { ...half, nodeUid: "joined" };

const ok = (stdout = "") => ({ exitCode: 0, stdout, stderr: "" });

/** What was asked for in steps, in that order, and which nodes there are then. */
async function removal(
  outputs: Parameters<typeof takeOut>[1],
  nodes: Map<string, string>,
  { staysForEver = false, drains = [] }: { readonly staysForEver?: boolean; readonly drains?: string[] } = {},
) {
  const done: string[] = [];
  const run: CommandRunner["run"] = ([program, ...args], { stdin = "" } = {}) => {
    const text = `${args.join(" ")} ${stdin}`;
    const [, verb, name = ""] = /(get node|delete node|drain) ([\w-]+)/.exec(text) ?? [];
    if (verb === "get node") {
      const uid = nodes.get(name);
      if (uid !== undefined) return Promise.resolve(ok(JSON.stringify({ metadata: { uid } })));
      return Promise.resolve({ exitCode: 1, stdout: "", stderr: `Error from server (NotFound): nodes "${name}"` });
    }
    if (program === "sh" && verb === "drain") drains.push(text);
    if (program === "sh" && verb !== undefined) done.push(`${verb} ${name}`);
    if (verb === "delete node" && !staysForEver) nodes.delete(name);
    return Promise.resolve(ok());
  };
  const runner: CommandRunner = { machine: CONTROL_PLANE, run };
  const environment: BootstrapEnvironment = {
    runner: () => runner,
    machineOf: () => ({ node: half.controlPlane, runner }),
    timeline: { file: "", record: () => undefined },
    evidence: () => Promise.resolve("somewhere"),
    deadlines: { deadlinesFactor: 1 },
    redact: (text) => text,
  };
  const failure: unknown = await takeOut(environment, outputs).catch((error: unknown) => error);
  return { done, left: [...nodes.values()], failure };
}

const IN_ORDER = [`drain ${WORKER}`, `delete node ${WORKER}`];
const gone = { done: IN_ORDER, left: ["other"], failure: undefined };

it("drains the node that joined, deletes it then, and no other", async () => {
  const nodes = new Map([
    [WORKER, "joined"],
    ["other", "other"],
  ]);
  expect(await removal(joined, nodes)).toEqual(gone);
});

it("takes the node of a join that failed before it learned its uid", async () => {
  const nodes = new Map([
    [WORKER, "registered"],
    ["other", "other"],
  ]);
  expect(await removal(half, nodes)).toEqual(gone);
});

it("touches no node that somebody else has made under that name", async () => {
  expect(await removal(joined, new Map([[WORKER, "foreign"]]))).toEqual({
    done: [],
    left: ["foreign"],
    failure: undefined,
  });
});

it("has nothing to do when the node is gone already", async () => {
  expect(await removal(joined, new Map())).toEqual({ done: [], left: [], failure: undefined });
});

it("does not believe that the node is gone before it is", async () => {
  const { done, failure } = await removal(joined, new Map([[WORKER, "joined"]]), { staysForEver: true });
  expect(done).toEqual(IN_ORDER);
  expect(failure).toMatchObject({ message: expect.stringContaining(`${WORKER}: still registered`) });
});

it("drains as the command that is given says", async () => {
  process.env["REPLIKUBE_DRAIN_SECONDS"] = "7";
  process.env["REPLIKUBE_DRAIN_FORCE"] = "false";
  try {
    const drains: string[] = [];
    await removal(joined, new Map([[WORKER, "joined"]]), { drains });
    expect(drains).toEqual([expect.stringContaining("--timeout=7s")]);
    expect(drains).toEqual([expect.not.stringContaining("--force")]);
  } finally {
    delete process.env["REPLIKUBE_DRAIN_SECONDS"];
    delete process.env["REPLIKUBE_DRAIN_FORCE"];
  }
});

it("only deletes when no drain is wanted", async () => {
  const said = jest.spyOn(console, "error").mockImplementation(() => undefined);
  process.env["REPLIKUBE_DRAIN_SECONDS"] = "0";
  try {
    const { done } = await removal(joined, new Map([[WORKER, "joined"]]));
    expect(done).toEqual([`delete node ${WORKER}`]);
    expect(said).toHaveBeenCalledWith(expect.stringContaining(`${WORKER}: is not drained`));
  } finally {
    delete process.env["REPLIKUBE_DRAIN_SECONDS"];
    said.mockRestore();
  }
});
