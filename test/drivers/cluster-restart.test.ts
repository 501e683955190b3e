import type { BootstrapEnvironment } from "../../drivers/bootstrap-environment";
import { proveThisBoot } from "../../drivers/cluster-restart";
import type { CommandRunner } from "../../drivers/runner";
import type { TimelineEvent } from "../../plan/timeline-events";
import type { ClusterReadyInputs } from "../../plan/bootstrap-resources";

/** What is done to a cluster whose machines were all switched on again; over machines that do whatever they are told. */

const node = (nodeName: string) => ({
  nodeName,
  // The one that libvirt's test driver always has, which runs with two processors and 8 GiB.
  domainName: "test",
  address: "10.77.0.10",
  hostKey: "",
  consoleLog: "",
  instance: "i",
  size: { vcpus: 1, memoryMiB: 1024, diskBytes: 1 },
});

const [controlPlane, worker] = [node("cp"), node("w")];
const readiness: ClusterReadyInputs = {
  stack: "dev",
  libvirtUri: "test:///default",
  privateKey: "",
  deadlinesFactor: 1,
  controlPlane,
  nodes: [controlPlane, worker],
  clusterInstance: "c",
  hasCni: true,
  probeImage: "busybox:1",
};

/** Steps in their order; `drained`: nodes with the mark of a restart's drain. */
async function stepsOfStart(drained: readonly string[] = []): Promise<readonly string[]> {
  const steps: string[] = [];
  const run: CommandRunner["run"] = (command) => {
    const stdout = command.join(" ").includes("cordoned-") ? drained.map((each) => `${each}\n`).join("") : "boot\n";
    return Promise.resolve({ exitCode: 0, stdout, stderr: "" });
  };
  const record = ({ step, event }: TimelineEvent): void => {
    if (event !== "started") steps.push(step);
  };
  const machineOf = (machine: string) => ({ node: controlPlane, runner: { machine, run } });
  const environment: BootstrapEnvironment = {
    runner: (name) => machineOf(name).runner,
    machineOf,
    timeline: { file: "", record },
    evidence: () => Promise.resolve("somewhere"),
    deadlines: { deadlinesFactor: 1 },
    redact: (text) => text,
  };
  await proveThisBoot(environment, readiness);
  return steps;
}

const BACK = ["restart-healthy", "restart-back-cp", "restart-back-w"];
const READY = ["ready-nodes", "ready-dns", "prove-pods"];

it("leaves machines as they have started, also when an up that failed was to give them another size", async () => {
  expect(await stepsOfStart()).toEqual([...BACK, ...READY]);
});

it("opens the nodes that a killed restart has drained", async () => {
  expect(await stepsOfStart(["w"])).toEqual([...BACK, "restart-uncordon-w", ...READY]);
});
