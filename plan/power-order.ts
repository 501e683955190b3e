import type { NodeRole } from "./experiment-outputs";

/** In which order a cluster's machines go off and on: one group after the other, those of a group side by side. */

interface WithRole {
  readonly role: NodeRole;
}

const ofRole = <T extends WithRole>(machines: readonly T[], role: NodeRole): readonly T[] =>
  machines.filter((machine) => machine.role === role);

/** A worker that stops has its control plane until the end. */
export const stopOrder = <T extends WithRole>(machines: readonly T[]): readonly (readonly T[])[] =>
  [ofRole(machines, "worker"), ofRole(machines, "control-plane")].filter((group) => group.length > 0);

/** A worker that starts finds its control plane there. */
export const startOrder = <T extends WithRole>(machines: readonly T[]): readonly (readonly T[])[] =>
  stopOrder(machines).toReversed();
