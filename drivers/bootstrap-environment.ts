import type { NodeAccess, StackAccess } from "../plan/bootstrap-resources";
import { redactor } from "../plan/redact";
import { checkoutRoot } from "./checkout-root";
import { keepingEvidence, saveEvidence, type EvidenceRequest } from "./evidence";
import type { SeenMachine } from "./machine-sources";
import { withNodes } from "./node-access";
import type { CommandRunner } from "./runner";
import type { StepEnvironment } from "./step-executor";
import { timelineOf } from "./timeline";

/** Everything that steps need on the machines of one piece of work: connections, timeline, evidence, redaction. */
export interface BootstrapEnvironment extends StepEnvironment {
  readonly runner: (nodeName: string) => CommandRunner;
}

export interface EnvironmentRequest {
  /** Kebab-case, for the evidence of whatever fails between its steps: `join`. */
  readonly work: string;
  readonly access: StackAccess;
  /** The one of `nodes` that the work is about: its evidence has that name. */
  readonly about: NodeAccess;
  readonly nodes: readonly NodeAccess[];
  /** Beside the private key; taken out of errors and evidence. */
  readonly secrets?: readonly string[];
  /** Ends everything on the machines. */
  readonly signal?: AbortSignal;
  /** Checkout that evidence and timeline lie in. */
  readonly root?: string;
}

/** Whatever fails in it leaves evidence of all its machines. */
export function withBootstrapEnvironment<T>(
  { work, about, access, nodes, secrets = [], signal, root = checkoutRoot() }: EnvironmentRequest,
  body: (environment: BootstrapEnvironment) => Promise<T>,
): Promise<T> {
  const timeline = timelineOf(root, access.stack);
  const redact = redactor([access.privateKey, ...secrets]);
  return withNodes(
    access,
    (runnerOf) => {
      const machineOf: StepEnvironment["machineOf"] = (nodeName) => {
        const node = nodes.find((each) => each.nodeName === nodeName);
        if (node === undefined)
          throw new Error(`no machine ${nodeName} among ${nodes.map((each) => each.nodeName).join(", ")}`);
        return { node, runner: runnerOf(node) };
      };
      const seen = (node: NodeAccess): SeenMachine => ({ node, runner: runnerOf(node) });
      const evidenceOf = (first: NodeAccess, step: string): Omit<EvidenceRequest, "error"> => {
        const { privateKey: _, ...visible } = access;
        const others = nodes.filter((each) => each.nodeName !== first.nodeName);
        return {
          ...visible,
          root,
          step,
          machines: [seen(first), ...others.map(seen)],
          timelineFile: timeline.file,
          redact,
        };
      };
      const environment: BootstrapEnvironment = {
        timeline,
        redact,
        deadlines: access,
        machineOf,
        runner: (nodeName) => machineOf(nodeName).runner,
        evidence: (node, step, error) => saveEvidence({ ...evidenceOf(node, step), error }),
        ...(signal !== undefined && { signal }),
      };
      return keepingEvidence({ ...evidenceOf(about, work), ...(signal !== undefined && { signal }) }, () =>
        body(environment),
      );
    },
    signal,
  );
}
