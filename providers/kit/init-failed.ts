import type { Properties } from "./resource";

/** Thrown by create or update: the resource exists, but is not ready. It is kept, and the next `up` calls update. */
export class InitFailed extends Error {
  override readonly name = "InitFailed";
  constructor(
    readonly id: string,
    readonly outputs: Properties,
    readonly reasons: readonly string[],
  ) {
    super(reasons.join("; "));
  }
}
