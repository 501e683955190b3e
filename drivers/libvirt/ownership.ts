import { ownerText, sameResource, sameStack, type Mark } from "../../plan/mark";
import { ReplikubeError } from "../errors";
import { checkoutOf } from "../stack-records";

/** Only its own checkout is told how to remove what a known one has made. */
function nextStep(found: Mark | undefined, checkout: string | undefined): string {
  if (checkout !== undefined)
    return "choose another name (another stack); only that checkout removes it, by ./lab destroy, or by ./lab gc when it has no state of it";
  const byHand = "choose another name (another stack), remove it with virsh if nobody needs it";
  return found === undefined ? `${byHand}, or take it over: pulumi import` : byHand;
}

/** Nothing without the stack's mark is ever changed or removed: that is an error which says whose it is. */
export class ForeignObject extends ReplikubeError {
  override readonly name = "ForeignObject";
  constructor(what: string, found: Mark | undefined, verb: string) {
    const checkout = found && checkoutOf(found.stackId);
    super(
      `host: ${what} exists already and is ${ownerText(found, checkout)}; it was not ${verb}\nnext: ${nextStep(found, checkout)}`,
    );
  }
}

/** What exists may be taken over only by the very resource that made it. */
export function requireOwn(what: string, found: Mark | undefined, wanted: Mark | undefined): void {
  if (found !== undefined && wanted !== undefined && sameResource(found, wanted)) return;
  throw new ForeignObject(what, found, "touched");
}

/** Changing and removing ask for the stack only: a resource may have been renamed. What was made without a mark has none. */
export function isStacks(found: Mark | undefined, wanted: Mark | undefined): boolean {
  if (found === undefined || wanted === undefined) return found === wanted;
  return sameStack(found, wanted);
}

export function requireStacks(
  what: string,
  found: Mark | undefined,
  wanted: Mark | undefined,
  verb: "changed" | "removed",
): void {
  if (!isStacks(found, wanted)) throw new ForeignObject(what, found, verb);
}

/** `claim`: the UUID of an object without a mark that the state holds and may mark; whoever's mark is there keeps it. */
export function requireChangeable(
  what: string,
  found: { readonly mark: Mark | undefined; readonly uuid: string },
  wanted: { readonly mark: Mark | undefined; readonly claim: string | undefined },
): void {
  if (found.mark !== undefined) return requireStacks(what, found.mark, wanted.mark, "changed");
  if (found.uuid !== wanted.claim) throw new ForeignObject(what, undefined, "changed");
}

/** Without marks libvirt's UUID alone tells an object from a later one of the same name. */
export function requireRemovable(
  what: string,
  found: { readonly mark: Mark | undefined; readonly uuid: string },
  wanted: { readonly mark: Mark | undefined; readonly id: string },
): void {
  requireStacks(what, found.mark, wanted.mark, "removed");
  if (found.mark === undefined && found.uuid !== wanted.id) throw new ForeignObject(what, found.mark, "removed");
}
