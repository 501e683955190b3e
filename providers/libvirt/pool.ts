import { lookAtPool, makePool, removePool, startPool } from "../../drivers/libvirt/pools";
import { tellingProperty } from "../../drivers/libvirt/refusal";
import { poolInputs } from "../../plan/libvirt/inputs";
import { POOL_REPLACING } from "../../plan/libvirt/property-changes";
import { poolRefusable } from "../../plan/libvirt/refused-property";
import { differences } from "../kit/diff";
import { UNKNOWN, type Properties, type Resource } from "../kit/resource";
import { checkedInputs, nameIn, ownedIn, typed } from "./checked-inputs";
import { connection, isAnothers, markFor, unlessUnreachable } from "./connection";

/** Also in a preview, where it may be unknown. */
function pathIn({ path, target }: Properties): string {
  const inTarget = typeof target === "object" && target !== null && "path" in target ? target.path : UNKNOWN;
  return String(path ?? inTarget);
}

/** `libvirt:index/pool:Pool`, directories only. Its id is libvirt's UUID. `active` is an output: a stopped pool is drift. */
export const pool: Resource = {
  replaceOn: POOL_REPLACING,
  deleteBeforeReplace: true,
  stable: ["name", "path"],
  check(request) {
    const { path, target } = request.inputs;
    const missing = path === undefined && target === undefined;
    return checkedInputs(poolInputs, request, missing ? [{ property: "path", reason: "expected a directory" }] : []);
  },
  diff: ({ oldInputs, inputs, state }) => [
    ...differences(oldInputs, inputs),
    ...(state["active"] === false ? [{ path: "active", kind: "UPDATE", drift: true } as const] : []),
  ],
  async create({ inputs, urn, preview }) {
    const path = pathIn(inputs);
    const outputs = { ...inputs, path, active: true };
    if (preview) return { id: "", outputs };
    const wanted = typed(poolInputs, inputs);
    const { name, stackId } = wanted;
    const made = await tellingProperty("pool", poolRefusable(wanted), () =>
      makePool(connection(), name, path, markFor(stackId, urn)),
    );
    return { id: made.uuid, outputs };
  },
  async update({ inputs, state, preview }) {
    const outputs = { ...inputs, path: state["path"], active: true };
    if (!preview) await startPool(connection(), typed(poolInputs, inputs).name);
    return { outputs };
  },
  read: ({ id, inputs, state, urn, report }) =>
    unlessUnreachable(
      async () => {
        const name = nameIn(state, id);
        const seen = await lookAtPool(connection(), name);
        if (seen === undefined || isAnothers(seen, { id, state, urn })) return undefined;
        return {
          id: seen.uuid,
          inputs: { ...inputs, name },
          outputs: { ...state, name, path: seen.path, active: seen.active },
        };
      },
      { id, inputs, outputs: state },
      (line) => report(line, { ephemeral: false }),
    ),
  async delete({ id, state, urn }) {
    const { name, stackId } = ownedIn(state);
    await removePool(connection(), name, { id, mark: markFor(stackId, urn) });
  },
};
