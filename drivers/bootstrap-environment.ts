import type { NodeAccess, StackAccess } from "../plan/bootstrap-resources";
import { redactor } from "../plan/redact";
import { checkoutRoot } from "./checkout-root";
import { saveEvidence, type SeenMachine } from "./evidence";
import { withNodes } from "./node-access";
import type { CommandRunner } from "./runner";
import type { StepEnvironment } from "./step-executor";
import { timelineOf } from "./timeline";

/** Everything that steps need on the machines of one piece of work: connections, timeline, evidence, redaction. */
export interface BootstrapEnvironment extends StepEnvironment {
  readonly runner: (nodeName: string) => CommandRunner;
}

export interface EnvironmentRequest {
  readonly access: StackAccess;
  readonly nodes: readonly NodeAccess[];
  /** Beside the private key; taken out of errors and evidence. */
  readonly secrets?: readonly string[];
  /** Ends everything on the machines. */
  readonly signal?: AbortSignal;
}

export function withBootstrapEnvironment<T>(
  { access, nodes, secrets = [], signal }: EnvironmentRequest,
  work: (environment: BootstrapEnvironment) => Promise<T>,
): Promise<T> {
  const root = checkoutRoot();
  const { privateKey: _, ...visible } = access;
  const timeline = timelineOf(root, access.stack);
  const redact = redactor([access.privateKey, ...secrets]);
  return withNodes(
    access,
    async (runnerOf) => {
      const machineOf: StepEnvironment["machineOf"] = (nodeName) => {
        const node = nodes.find((each) => each.nodeName === nodeName);
        if (node === undefined)
          throw new Error(`no machine ${nodeName} among ${nodes.map((each) => each.nodeName).join(", ")}`);
        return { node, runner: runnerOf(node) };
      };
      const seen = (node: NodeAccess): SeenMachine => ({ node, runner: runnerOf(node) });
      return work({
        timeline,
        redact,
        machineOf,
        runner: (nodeName) => machineOf(nodeName).runner,
        evidence: (node, step, error) =>
          saveEvidence({
            ...visible,
            root,
            step,
            machines: [seen(node), ...nodes.filter((each) => each.nodeName !== node.nodeName).map(seen)],
            timelineFile: timeline.file,
            error,
            redact,
          }),
        ...(signal !== undefined && { signal }),
      });
    },
    signal,
  );
}
