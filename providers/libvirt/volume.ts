import { changeVolume, removeVolume } from "../../drivers/libvirt/volume-changes";
import { makeVolume } from "../../drivers/libvirt/volume-creation";
import { findVolume, isVolumeGone } from "../../drivers/libvirt/volumes";
import { volumeInputs } from "../../plan/libvirt/inputs";
import { sizeAsWanted } from "../../plan/libvirt/volume-size";
import { VOLUME_REPLACING } from "../../plan/libvirt/property-changes";
import { differences } from "../kit/diff";
import { UNKNOWN, type Change, type Properties, type Resource } from "../kit/resource";
import { isImport, markedInPlace } from "./claim";
import { checkedInputs, ownedIn, typed } from "./checked-inputs";
import { connection, freshInstance, markFor, unlessUnreachable } from "./connection";
import { withDrift } from "./drift";
import { importedVolume, seenVolumeState, shrinks, volumeDriftChanges } from "./volume-drift";

/** `libvirt:index/volume:Volume`. Its id is its path on the libvirt host. */

const volumeChanges = (oldInputs: Properties, inputs: Properties): readonly Change[] =>
  markedInPlace(differences(oldInputs, inputs)).map((change) =>
    change.path === "size" && shrinks(oldInputs["size"], inputs["size"]) ? { ...change, replaces: true } : change,
  );

export const volume: Resource = {
  replaceOn: VOLUME_REPLACING,
  deleteBeforeReplace: true,
  stable: ["name", "pool", "format", "instance"],
  check(request) {
    const { source, size, format = "qcow2", baseFile, baseVolumeId, baseVolumeName } = request.inputs;
    const bases = Object.entries({ source, baseFile, baseVolumeId, baseVolumeName }).filter(
      ([, value]) => value !== undefined,
    );
    return checkedInputs(volumeInputs, request, [
      ...bases.slice(1).map(([property]) => ({ property, reason: `cannot stand beside ${bases[0]?.[0] ?? ""}` })),
      ...(bases.length === 0 && size === undefined ? [{ property: "size", reason: "expected a size or a base" }] : []),
      // QEMU makes a disk of another size of it.
      ...(size === 0 && format === "qcow2" ? [{ property: "size", reason: "expected at least 1", got: size }] : []),
    ]);
  },
  diff: ({ oldInputs, inputs, state }) =>
    withDrift(volumeChanges(oldInputs, inputs), volumeDriftChanges(oldInputs, state)),
  async create({ inputs, urn, preview, report, ...operation }) {
    if (preview) return { id: "", outputs: { size: UNKNOWN, ...inputs, instance: UNKNOWN } };
    const wanted = typed(volumeInputs, inputs);
    const made = await makeVolume(connection(operation), wanted, markFor(wanted.stackId, urn), {
      say: report,
      timeoutSeconds: operation.timeoutSeconds,
    });
    const size = sizeAsWanted(made.bytes, wanted);
    return { id: made.path, outputs: { ...inputs, size, instance: freshInstance() } };
  },
  async update({ inputs, state, urn, preview, ...operation }) {
    const outputs = { ...inputs, size: inputs["size"] ?? state["size"], instance: state["instance"] };
    if (preview) return { outputs };
    const wanted = typed(volumeInputs, inputs);
    await changeVolume(connection(operation), wanted, markFor(wanted.stackId, urn), state["size"]);
    return { outputs };
  },
  read: (request) =>
    unlessUnreachable(request, async () => {
      const { id, inputs, state, report } = request;
      if (isImport(request)) return importedVolume(id);
      const { name, pool } = typed(volumeInputs, inputs);
      const seen = await findVolume(connection(), name, pool);
      if (seen !== undefined) return { id: seen.path, ...(await seenVolumeState(seen, { inputs, state })) };
      if (await isVolumeGone(connection(), id)) return undefined;
      // Its machine may well run from it; the next up puts the pool right.
      await report(`libvirt lost it with its pool ${pool}; it is taken to be where it was`, { ephemeral: false });
      return { id, inputs, outputs: state };
    }),
  async delete({ id, state, urn, ...operation }) {
    const { name, stackId } = ownedIn(state);
    const place = { name, pool: String(state["pool"]), path: id };
    await removeVolume(connection(operation), place, markFor(stackId, urn));
  },
};
