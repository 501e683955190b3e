import { basename } from "node:path";
import { answer, ifFound } from "../../drivers/libvirt/objects";
import { backingOf, lookAtVolume, type VolumeState } from "../../drivers/libvirt/volumes";
import { volumeInputs, type VolumeInputs } from "../../plan/libvirt/inputs";
import { hasSize, sizeAsWanted } from "../../plan/libvirt/volume-size";
import type { Change, Properties, ReadRequest, ReadResult } from "../kit/resource";
import { typed } from "./checked-inputs";
import { connection, freshInstance } from "./connection";
import { driftIn } from "./drift";

/** A volume as it is now. What its machine has written cannot be told from what was changed beside it: only its frame is compared. */

/** It grows while its machine runs; nothing shrinks a file system that it holds. */
export const shrinks = (before: unknown, after: unknown): boolean =>
  typeof before === "number" && typeof after === "number" && after < before;

function hasWantedSize({ format, size }: Properties, state: Properties): boolean {
  if (typeof size !== "number" || typeof state["size"] !== "number") return false;
  return hasSize(state["size"], { format: format === "raw" ? "raw" : "qcow2", size });
}

/** An overlay over another file, or of another format, is another disk. */
export const volumeDriftChanges = (inputs: Properties, state: Properties): readonly Change[] =>
  driftIn(
    Object.keys(volumeInputs.shape).filter((name) => name !== "size" || inputs["size"] !== undefined),
    inputs,
    // A state may tell the size that it got.
    hasWantedSize(inputs, state) ? { ...state, size: inputs["size"] } : state,
  ).map((change) => ({ ...change, replaces: change.path !== "size" || shrinks(state["size"], inputs["size"]) }));

const BASES = ["baseFile", "baseVolumeId", "baseVolumeName"] as const;

async function driftedBase(wanted: VolumeInputs, { backing }: VolumeState): Promise<Properties> {
  const name = BASES.find((each) => wanted[each] !== undefined) ?? "baseFile";
  const made = await ifFound(() => backingOf(connection(), wanted));
  // A volume that is gone cannot be asked where it lay; what was uploaded may have brought a base of its own.
  const untold = made === undefined && (name === "baseVolumeName" || wanted.source !== undefined);
  return backing === made || untold ? {} : { [name]: backing ?? "none" };
}

/** libvirt tells formats by content: what a guest or a file brought is theirs. */
const driftedFormat = ({ format, source }: VolumeInputs, seen: VolumeState): Properties =>
  format === "qcow2" && source === undefined ? { format: seen.format } : {};

export async function seenVolumeState(
  seen: VolumeState,
  { inputs, state }: Pick<ReadRequest, "inputs" | "state">,
): Promise<Required<Omit<ReadResult, "id">>> {
  const wanted = typed(volumeInputs, inputs);
  const drift = { ...driftedFormat(wanted, seen), ...(await driftedBase(wanted, seen)) };
  return { inputs, outputs: { ...state, ...inputs, size: sizeAsWanted(seen.bytes, wanted), ...drift } };
}

/** By its path alone: the pool that has it, and all that a definition says. */
export async function importedVolume(path: string): Promise<ReadResult | undefined> {
  const pool = await ifFound(() => answer(connection(), "vol-pool", path));
  const name = basename(path);
  const seen = pool === undefined ? undefined : await lookAtVolume(connection(), name, pool);
  if (seen === undefined) return undefined;
  const { bytes: size, format, backing } = seen;
  const inputs = { name, pool, size, format, ...(backing !== undefined && { baseFile: backing }) };
  return { id: seen.path, inputs, outputs: { ...inputs, instance: freshInstance() } };
}
