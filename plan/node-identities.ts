/** Which machines an experiment has, and where in the stack's block each of them lives. */
import type { ExperimentConfig } from "./experiment-config";
import type { NodeRole } from "./experiment-outputs";
import type { NodeIdentity, StackName } from "./names";

/** Every stack has one block of this size. */
export const STACK_PREFIX = 24;
/** The controller manager gives every node a block of this size out of podSubnet. */
export const NODE_POD_PREFIX = 24;

export const GATEWAY_INDEX = 1;
const FIRST_INDEX: Readonly<Record<NodeRole, number>> = { "control-plane": 10, worker: 20 };

/** One for now: joining a further control plane needs a load balanced endpoint. */
export const MAX_CONTROL_PLANES = 1;
/** From .20 to .254. */
export const MAX_WORKERS = 255 - FIRST_INDEX.worker;

export const addressIndex = (role: NodeRole, index: number): number => FIRST_INDEX[role] + index;

/** Control planes first: a worker that is added comes last and moves nobody. */
export function nodeIdentities(
  stack: StackName,
  { controlPlanes, workers }: Pick<ExperimentConfig, "controlPlanes" | "workers">,
): readonly NodeIdentity[] {
  const of = (role: NodeRole, count: number): readonly NodeIdentity[] =>
    Array.from({ length: count }, (_, index) => ({ ...stack, role, index }));
  return [...of("control-plane", controlPlanes), ...of("worker", workers)];
}
