import { refusedProperty } from "../../plan/libvirt/refused-property";
import { CommandError, ReplikubeError } from "../errors";
import { NotFound } from "../virsh";

/** Says after libvirt's own words which property of the resource they are about, where that can be told. */
export async function tellingProperty<T>(
  resource: "domain" | "network" | "pool" | "volume",
  refusable: Parameters<typeof refusedProperty>[1],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isNotFound = error instanceof NotFound;
    if (!isNotFound && !(error instanceof CommandError)) throw error;
    const property = refusedProperty(isNotFound ? error.message : error.output, refusable);
    const next = property === undefined ? undefined : `look at the ${resource}'s property ${property}`;
    // What is not found here is something that the resource needs, not the resource.
    if (isNotFound)
      throw new ReplikubeError(`${error.message}${next === undefined ? "" : `\nnext: ${next}`}`, { cause: error });
    if (next === undefined) throw error;
    const { context, command, exitCode, output } = error;
    throw new CommandError({ ...context, next }, command, exitCode, output, { cause: error });
  }
}
