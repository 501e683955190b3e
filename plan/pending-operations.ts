/** An exported deployment of Pulumi's, as far as this project looks into it. */
export interface Exported {
  readonly deployment?: {
    readonly pending_operations?: readonly PendingOperation[];
    readonly resources?: readonly unknown[];
  };
}

interface PendingOperation {
  readonly type: string;
  readonly resource: { readonly urn: string };
}

/** `creating NAME` */
export const pendingOperations = ({ deployment }: Exported): readonly string[] =>
  (deployment?.pending_operations ?? []).map(
    ({ type, resource }) => `${type} ${resource.urn.split("::").at(-1) ?? resource.urn}`,
  );

export interface Cleared {
  /** The deployment without them, to be imported. */
  readonly text: string;
  readonly operations: readonly string[];
}

/** Undefined when there are none. A creation that was killed is found again by its mark, so forgetting it loses nothing. */
export function withoutPendingOperations(exportedText: string): Cleared | undefined {
  const exported: Exported = JSON.parse(exportedText);
  const operations = pendingOperations(exported);
  if (operations.length === 0) return undefined;
  const { pending_operations: _dropped, ...deployment } = exported.deployment ?? {};
  return { text: JSON.stringify({ ...exported, deployment }), operations };
}

/** A quick look at a state file of Pulumi's, whatever its version. */
export const hasPendingOperations = (stateText: string): boolean => /"pending_operations":\s*\[\s*\{/.test(stateText);
