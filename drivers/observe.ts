import {
  FOREIGN_HOST_KEY,
  OBSERVED_OK,
  UNREACHABLE,
  type ClusterNode,
  type ClusterReadyOutputs,
  type GuestOutputs,
  type KubeadmInitOutputs,
  type KubeadmJoinOutputs,
  type NodeAccess,
  type Observed,
  type StackAccess,
} from "../plan/bootstrap-resources";
import { CA_CERTIFICATE, kubectl } from "../plan/step-commands";
import { deadlineSeconds } from "../plan/deadlines";
import { configurationWords } from "../plan/cluster-configuration";
import { observeNodes } from "../plan/seen-nodes";
import { machineState } from "./libvirt/run-state";
import { Asleep, whileMachineIsAwake } from "./machine-presence";
import { runsWithSize } from "./machine-restart";
import { withNodes } from "./node-access";
import { caCertHash, nodeUid, output, readConfigurations } from "./node-commands";
import { HostKeyMismatch, type SshRunner } from "./ssh-runner";
import { stackVirsh } from "./virsh";

/** What a refresh looks at. Never throws: that would fail the whole refresh; and reads nothing that changes by itself. */

export interface Read<Outputs> {
  /** Absent: it is positively gone. */
  readonly id?: string;
  readonly props?: Outputs;
}

/** `gone` only when somebody who knows said so; else outputs as they are now. */
type Seen<Outputs> = "gone" | Partial<Outputs>;

/** The reason may differ from one refresh to the next; a state that is compared must not. */
function wordsFor(error: unknown): string {
  if (error instanceof Asleep) return error.message;
  return error instanceof HostKeyMismatch ? FOREIGN_HOST_KEY : UNREACHABLE;
}

async function observing<Outputs extends Observed>(
  id: string,
  outputs: Outputs,
  look: () => Promise<Seen<Outputs>>,
): Promise<Read<Outputs>> {
  try {
    const seen = await look();
    return seen === "gone" ? {} : { id, props: { ...outputs, observed: OBSERVED_OK, ...seen } };
  } catch (error) {
    return { id, props: { ...outputs, observed: wordsFor(error) } };
  }
}

/** What can be asked only of a machine that is awake. */
const onMachine = <T>(access: StackAccess, node: NodeAccess, look: (runner: SshRunner) => Promise<T>): Promise<T> =>
  whileMachineIsAwake(stackVirsh(access), node, (signal) =>
    withNodes(access, (runnerOf) => look(runnerOf(node)), signal),
  );

async function onControlPlane<T>(
  access: StackAccess,
  node: NodeAccess,
  look: (runner: SshRunner) => Promise<T>,
): Promise<T> {
  try {
    return await onMachine(access, node, look);
  } catch (error) {
    if (!(error instanceof Asleep)) throw error;
    throw new Asleep(error.state, `${UNREACHABLE}: ${node.nodeName} is ${error.state}`);
  }
}

export const observeGuest = (id: string, outputs: GuestOutputs): Promise<Read<GuestOutputs>> =>
  observing(id, outputs, async () => {
    const state = await machineState(stackVirsh(outputs), outputs.domainName);
    if (state === "gone") return "gone";
    if (state !== "running") throw new Asleep(state);
    if (outputs.hostKey === undefined) throw new Error("never known");
    await onMachine(outputs, outputs, (runner) =>
      runner.run(["true"], { deadlineSeconds: deadlineSeconds("look", outputs) }),
    );
    return {};
  });

export const observeInit = (id: string, outputs: KubeadmInitOutputs): Promise<Read<KubeadmInitOutputs>> =>
  observing(id, outputs, () =>
    onControlPlane(outputs, outputs.controlPlane, async (runner) => {
      const seconds = deadlineSeconds("look", outputs);
      const script = `if [ -e ${CA_CERTIFICATE} ]; then cat ${CA_CERTIFICATE}; else echo none; fi`;
      const ca = (await output(runner, ["sh", "-c", script], "look for the CA", seconds)).trim();
      if (ca === "none") return "gone";
      // Half-done creations have no hash yet.
      if (outputs.caCertHash !== undefined && caCertHash(ca) !== outputs.caCertHash) return "gone";
      const seen = await readConfigurations(runner, seconds);
      const words = configurationWords(outputs.configuration ?? {}, seen);
      return words.length === 0 ? {} : { observed: words.join("; ") };
    }),
  );

export const observeJoin = (id: string, outputs: KubeadmJoinOutputs): Promise<Read<KubeadmJoinOutputs>> =>
  observing(id, outputs, () =>
    onControlPlane(outputs, outputs.controlPlane, async (runner) => {
      const uid = await nodeUid(runner, outputs.machine.nodeName, deadlineSeconds("look", outputs));
      return uid !== undefined && (outputs.nodeUid === undefined || uid === outputs.nodeUid) ? {} : "gone";
    }),
  );

/** Of those that run; a libvirt that does not answer leaves it open. */
async function resizedNodes(outputs: ClusterReadyOutputs): Promise<readonly string[]> {
  const { nodes } = outputs;
  const virsh = stackVirsh(outputs);
  const isResized = async (node: ClusterNode): Promise<boolean> =>
    (await machineState(virsh, node.domainName)) === "running" && !(await runsWithSize(virsh, node));
  const resized = await Promise.all(nodes.map((node) => isResized(node).catch(() => false)));
  return nodes.filter((_, index) => resized[index]).map(({ nodeName }) => nodeName);
}

export const observeReady = (id: string, outputs: ClusterReadyOutputs): Promise<Read<ClusterReadyOutputs>> =>
  observing<ClusterReadyOutputs>(id, { ...outputs, cordoned: [] }, () =>
    onControlPlane(outputs, outputs.controlPlane, async (runner) => {
      const seconds = deadlineSeconds("look", outputs);
      const json = await output(runner, kubectl("get", "nodes", "-o", "json"), "look at the nodes", seconds);
      const nodeNames = outputs.nodes.map(({ nodeName }) => nodeName);
      return observeNodes(json, { nodeNames, hasCni: outputs.hasCni, resized: await resizedNodes(outputs) });
    }),
  );
