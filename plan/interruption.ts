import { pendingOperations, type Exported } from "./pending-operations";

/** What an interrupted command has left, in a line for whoever interrupted it. `exportedText`: of `pulumi stack export`. */
export function interruptionText(stack: string, exportedText: string): string {
  const exported: Exported = JSON.parse(exportedText);
  const there = (exported.deployment?.resources ?? []).length;
  const pending = pendingOperations(exported);
  const cut = pending.length === 0 ? "nothing was cut off" : `cut off while ${pending.join(", ")}`;
  return `stack ${stack} was interrupted: ${there} resources are in its state, ${cut}\nnext: ./lab up --stack ${stack} goes on from there, ./lab destroy --stack ${stack} removes what is there`;
}
