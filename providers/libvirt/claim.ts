import type { Change, Properties, ReadRequest } from "../kit/resource";

/**
 * Objects that this program did not make: `pulumi import` takes them into the state without a mark, and so does a program without a
 * stackId. Their first mark is a change in place, which a preview shows.
 */

export const markedInPlace = (changes: readonly Change[]): readonly Change[] =>
  changes.map((change) =>
    change.path === "stackId" && change.kind === "ADD" ? { ...change, replaces: false } : change,
  );

/** UUID of an object that may be marked though it has no mark: the one that the state holds as unmarked. */
export const claimOf = (id: string, oldInputs: Properties): string | undefined =>
  oldInputs["stackId"] === undefined ? id : undefined;

/** The engine knows nothing but the id: a name, a UUID or a path. */
export const isImport = ({ inputs, state }: Pick<ReadRequest, "inputs" | "state">): boolean =>
  Object.keys(inputs).length === 0 && Object.keys(state).length === 0;
