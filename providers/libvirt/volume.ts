import { growVolume, lookAtVolume, makeVolume, removeVolume } from "../../drivers/libvirt/volumes";
import { volumeInputs } from "../../plan/libvirt/inputs";
import { VOLUME_REPLACING } from "../../plan/libvirt/property-changes";
import { differences } from "../kit/diff";
import { UNKNOWN, type Change, type Properties, type Resource } from "../kit/resource";
import { checkedInputs, ownedIn, typed } from "./checked-inputs";
import { connection, freshInstance, markFor, unlessUnreachable } from "./connection";

/** `libvirt:index/volume:Volume`. Its id is its path on the libvirt host. */

/** It grows while its machine runs; nothing shrinks a file system that it holds. */
const shrinks = (before: unknown, after: unknown): boolean =>
  typeof before === "number" && typeof after === "number" && after < before;

const volumeChanges = (oldInputs: Properties, inputs: Properties): readonly Change[] =>
  differences(oldInputs, inputs).map((change) =>
    change.path === "size" && shrinks(oldInputs["size"], inputs["size"]) ? { ...change, replaces: true } : change,
  );

export const volume: Resource = {
  replaceOn: VOLUME_REPLACING,
  deleteBeforeReplace: true,
  stable: ["name", "pool", "format", "instance"],
  check(request) {
    const { source, size, baseFile, baseVolumeId, baseVolumeName } = request.inputs;
    const bases = Object.entries({ source, baseFile, baseVolumeId, baseVolumeName }).filter(
      ([, value]) => value !== undefined,
    );
    return checkedInputs(volumeInputs, request, [
      ...bases.slice(1).map(([property]) => ({ property, reason: `cannot stand beside ${bases[0]?.[0] ?? ""}` })),
      ...(bases.length === 0 && size === undefined ? [{ property: "size", reason: "expected a size or a base" }] : []),
    ]);
  },
  diff: ({ oldInputs, inputs }) => volumeChanges(oldInputs, inputs),
  async create({ inputs, urn, preview, report }) {
    if (preview) return { id: "", outputs: { size: UNKNOWN, ...inputs, instance: UNKNOWN } };
    const wanted = typed(volumeInputs, inputs);
    const made = await makeVolume(connection(), wanted, markFor(wanted.stackId, urn), report);
    return { id: made.path, outputs: { ...inputs, size: made.bytes, instance: freshInstance() } };
  },
  async update({ inputs, state, preview }) {
    const outputs = { ...inputs, size: inputs["size"] ?? state["size"], instance: state["instance"] };
    if (preview) return { outputs };
    const { name, pool, size } = typed(volumeInputs, inputs);
    if (size !== undefined && size !== state["size"]) await growVolume(connection(), name, pool, size);
    return { outputs };
  },
  read: ({ id, inputs, state, report }) =>
    unlessUnreachable(
      async () => {
        const { name, pool } = typed(volumeInputs, { name: id.split("/").at(-1), ...state });
        const seen = await lookAtVolume(connection(), name, pool);
        if (seen === undefined) return undefined;
        const size = inputs["size"] === undefined ? {} : { size: seen.bytes };
        return { id: seen.path, inputs: { ...inputs, ...size }, outputs: { ...state, size: seen.bytes } };
      },
      { id, inputs, outputs: state },
      (line) => report(line, { ephemeral: false }),
    ),
  async delete({ state, urn }) {
    const { name, stackId } = ownedIn(state);
    await removeVolume(connection(), name, String(state["pool"]), markFor(stackId, urn));
  },
};
