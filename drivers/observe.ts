import type {
  GuestOutputs,
  KubeadmInitOutputs,
  KubeadmJoinOutputs,
  Observed,
  StackAccess,
} from "../plan/bootstrap-resources";
import { OBSERVED_OK, type NodeAccess } from "../plan/bootstrap-resources";
import { CA_CERTIFICATE } from "../plan/step-commands";
import { withNodes } from "./node-access";
import { caCertHash, nodeUid } from "./node-commands";
import type { SshRunner } from "./ssh-runner";
import { NotFound, virshFor } from "./virsh";

/** What a refresh looks at. Never throws: that would fail the whole refresh; and reads nothing that changes by itself. */

export interface Read<Outputs> {
  /** Absent: it is positively gone. */
  readonly id?: string;
  readonly props?: Outputs;
}

const LOOK_SECONDS = 30;

/** `look` says `gone` only when somebody who knows said so. */
async function observing<Outputs extends Observed>(
  id: string,
  outputs: Outputs,
  look: () => Promise<"there" | "gone">,
): Promise<Read<Outputs>> {
  try {
    return (await look()) === "gone" ? {} : { id, props: { ...outputs, observed: OBSERVED_OK } };
  } catch {
    // The reason may differ from one refresh to the next; a state that is compared must not.
    return { id, props: { ...outputs, observed: "unreachable" } };
  }
}

const onNode = <T>(access: StackAccess, node: NodeAccess, look: (runner: SshRunner) => Promise<T>): Promise<T> =>
  withNodes(access, (runnerOf) => look(runnerOf(node)));

export const observeGuest = (id: string, outputs: GuestOutputs): Promise<Read<GuestOutputs>> =>
  observing(id, outputs, async () => {
    try {
      await virshFor(outputs.libvirtUri).run(["domuuid", outputs.domainName], { deadlineSeconds: LOOK_SECONDS });
    } catch (error) {
      if (error instanceof NotFound) return "gone";
      throw error;
    }
    if (outputs.hostKey === undefined) throw new Error("never known");
    await onNode(outputs, outputs, (runner) => runner.run(["true"], { deadlineSeconds: LOOK_SECONDS }));
    return "there";
  });

export const observeInit = (id: string, outputs: KubeadmInitOutputs): Promise<Read<KubeadmInitOutputs>> =>
  observing(id, outputs, () =>
    onNode(outputs, outputs.controlPlane, async (runner) => {
      const { exitCode, stdout } = await runner.run(
        ["sh", "-c", `if [ -e ${CA_CERTIFICATE} ]; then cat ${CA_CERTIFICATE}; else echo none; fi`],
        { deadlineSeconds: LOOK_SECONDS },
      );
      if (exitCode !== 0) throw new Error("cannot look");
      if (stdout.trim() === "none") return "gone";
      // Half-done creations have no hash yet.
      return outputs.caCertHash === undefined || caCertHash(stdout) === outputs.caCertHash ? "there" : "gone";
    }),
  );

export const observeJoin = (id: string, outputs: KubeadmJoinOutputs): Promise<Read<KubeadmJoinOutputs>> =>
  observing(id, outputs, () =>
    onNode(outputs, outputs.controlPlane, async (runner) => {
      const uid = await nodeUid(runner, outputs.machine.nodeName, 1);
      return uid !== undefined && (outputs.nodeUid === undefined || uid === outputs.nodeUid) ? "there" : "gone";
    }),
  );
