import { randomBytes } from "node:crypto";
import { isStacks } from "../../drivers/libvirt/ownership";
import { localRunner } from "../../drivers/local-runner";
import { virshFor, type Virsh } from "../../drivers/virsh";
import { DEADLINES } from "../../plan/deadlines";
import { variable } from "../../plan/environment";
import { libvirtOf } from "../../plan/libvirt-uri";
import { markOf, type Mark } from "../../plan/mark";
import {
  UNKNOWN,
  type Change,
  type Checked,
  type Properties,
  type ReadRequest,
  type ReadResult,
} from "../kit/resource";
import { isImport } from "./claim";

/** The libvirt that this provider talks to, known once it is configured. A preview never asks for it. */

const DEFAULT_URI = "qemu:///system";

let uri: string | undefined;

export const uriOf = (config: Properties, environment: NodeJS.ProcessEnv = process.env): string => {
  const own = config["uri"];
  return typeof own === "string" && own !== "" ? own : (variable(environment, "LIBVIRT_DEFAULT_URI") ?? DEFAULT_URI);
};

export function checkConfig(config: Properties): Checked {
  const known = ["uri", "version", "pluginDownloadURL"];
  const failures = Object.keys(config)
    .filter((key) => !known.includes(key) && !key.startsWith("__"))
    .map((property) => ({ property, reason: "is not known; the provider takes uri" }));
  return { failures };
}

/** Another libvirt has none of these objects. */
export function configChanges(oldConfig: Properties, config: Properties): readonly Change[] {
  const [before, now] = [uriOf(oldConfig), uriOf(config)];
  if (before === now) return [];
  return [{ path: "uri", kind: "UPDATE", replaces: libvirtOf(before) !== libvirtOf(now) }];
}

export function configure(config: Properties): void {
  uri = uriOf(config);
}

/** One call gets longer when the resource has a longer time-out of its own. */
export function connection({ timeoutSeconds = 0 }: { readonly timeoutSeconds?: number } = {}): Virsh {
  const known = uri ?? uriOf({});
  if (known === UNKNOWN) throw new Error("the provider's uri is not known yet");
  return virshFor(known, localRunner, Math.max(timeoutSeconds, DEADLINES.virsh.seconds));
}

const INSTANCE_BYTES = 8;

/** Another value for every creation. */
export const freshInstance = (): string => randomBytes(INSTANCE_BYTES).toString("hex");

/** Absent when the program gives no stackId: then nothing existing is ever adopted. */
export const markFor = (stackId: string | undefined, urn: string): Mark | undefined =>
  stackId === undefined ? undefined : markOf(stackId, urn);

/** An object of the same name that is neither the one of this id nor this stack's: the one that is looked for is gone. */
export const isAnothers = (
  seen: { readonly uuid: string; readonly mark: Mark | undefined },
  { id, state, urn }: Pick<ReadRequest, "id" | "state" | "urn">,
): boolean => {
  const { name, stackId } = state;
  if (typeof name !== "string" || seen.uuid === id) return false; // an import knows a name or a UUID only
  return typeof stackId !== "string" || !isStacks(seen.mark, markOf(stackId, urn));
};

/** libvirt that does not answer fails no refresh: what is known stays, and it is said. Of an import nothing is known. */
export async function unlessUnreachable(
  request: Pick<ReadRequest, "id" | "inputs" | "state" | "report">,
  look: () => Promise<ReadResult | undefined>,
): Promise<ReadResult | undefined> {
  const { id, inputs, state, report } = request;
  try {
    return await look();
  } catch (error) {
    if (isImport(request)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    await report(`cannot be looked at, so what is known of it stays: ${reason}`, { ephemeral: false });
    return { id, inputs, outputs: state };
  }
}
