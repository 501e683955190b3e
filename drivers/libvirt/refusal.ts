import { refusedProperty } from "../../plan/libvirt/refused-property";
import { CommandError, ReplikubeError } from "../errors";
import { NotFound } from "../virsh";

/** Adds to libvirt's own words which property of the resource they are about, where that can be told. */
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
    const remedy = property === undefined ? "" : `\nnext: look at the ${resource}'s property ${property}`;
    // What is not found here is something that the resource needs, not the resource.
    if (isNotFound) throw new ReplikubeError(`${error.message}${remedy}`, { cause: error });
    const context = { ...error.context, next: `${error.context.next}${remedy}` };
    throw new CommandError(context, error.command, error.exitCode, error.output, { cause: error });
  }
}
