import { ownerText, sameResource, sameStack, type Mark } from "../../plan/mark";
import { ReplikubeError } from "../errors";

/** Nothing without the stack's mark is ever changed or removed: that is an error which says whose it is. */
export class ForeignObject extends ReplikubeError {
  override readonly name = "ForeignObject";
  constructor(what: string, found: Mark | undefined, verb: string) {
    super(
      `host: ${what} exists already and is ${ownerText(found)}; it was not ${verb}\nnext: choose another name (another stack), or remove it with virsh if nobody needs it`,
    );
  }
}

/** What exists may be taken over only by the very resource that made it. */
export function requireOwn(what: string, found: Mark | undefined, wanted: Mark | undefined): void {
  if (found !== undefined && wanted !== undefined && sameResource(found, wanted)) return;
  throw new ForeignObject(what, found, "touched");
}

/** Removing asks for the stack only: a resource may have been renamed. Without a mark of its own it made the object before marks. */
export function requireStacks(what: string, found: Mark | undefined, wanted: Mark | undefined): void {
  if (wanted === undefined || (found !== undefined && sameStack(found, wanted))) return;
  throw new ForeignObject(what, found, "removed");
}
