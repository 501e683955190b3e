import { OBSERVED_OK } from "../plan/bootstrap-resources";
import type { Diff } from "../plan/diffs";

/** A dynamic resource cannot show in a preview why it is run again: it is said beside it, on the stack. */
export function told(who: string, { observed }: Readonly<Record<string, unknown>>, diff: Diff): Diff {
  if (typeof observed === "string" && observed !== OBSERVED_OK && diff.changes) {
    console.error(`${who}: the refresh saw: ${observed}; up looks after it`);
  }
  return diff;
}
