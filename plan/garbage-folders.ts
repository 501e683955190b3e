import type { GarbageSearch, Verdict } from "./garbage";

/** Folders below .state/stacks of stacks that are not there any more. */

export interface StackFolder {
  readonly stack: string;
  /** Whether files are left where the disks of its machines are by default. */
  readonly hasDisks: boolean;
}

export type FolderVerdict = StackFolder &
  ({ readonly kind: "garbage" } | { readonly kind: "kept" } | { readonly kind: "left"; readonly why: string });

/** `verdicts` are those of the same search: with an orphan of this checkout its folder goes. */
export function folderVerdict(folder: StackFolder, search: GarbageSearch, verdicts: readonly Verdict[]): FolderVerdict {
  const { stack, hasDisks } = folder;
  const own = search.ownStacks.find((each) => each.stack === stack);
  if (own?.stackId !== undefined || own?.holder !== undefined) return { ...folder, kind: "kept" };
  const records = search.records.filter((record) => record.checkout === search.checkout && record.stack === stack);
  const open = records.find(
    ({ stackId }) => !verdicts.some((verdict) => verdict.kind === "orphan" && verdict.identity.stackId === stackId),
  );
  if (open !== undefined) {
    return {
      ...folder,
      kind: "left",
      why: `stack ${stack}, id ${open.stackId}, which was made on ${open.libvirtUri}, may need it`,
    };
  }
  // With an empty state in the backend it is the rest of a stack that was destroyed, or never begun.
  if (records.length === 0 && (hasDisks || own === undefined)) {
    return { ...folder, kind: "left", why: "nothing is known of the stack that it belongs to" };
  }
  return { ...folder, kind: "garbage" };
}
