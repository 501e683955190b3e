import { lookAtPool, makePool, removePool, startPool } from "../../drivers/libvirt/pools";
import { poolInputs, poolPathOf } from "../../plan/libvirt/inputs";
import { POOL_REPLACING } from "../../plan/libvirt/property-changes";
import { differences } from "../kit/diff";
import type { Resource } from "../kit/resource";
import { checkedInputs, nameIn, typed } from "./checked-inputs";
import { connection, markFor, unlessUnreachable } from "./connection";

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
    const outputs = { ...inputs, active: true };
    if (preview) return { id: "", outputs };
    const wanted = typed(poolInputs, inputs);
    const path = poolPathOf(wanted);
    const made = await makePool(connection(), wanted.name, path, markFor(wanted.stackId, urn));
    return { id: made.uuid, outputs: { ...outputs, path } };
  },
  async update({ inputs, state, preview }) {
    const outputs = { ...inputs, path: state["path"], active: true };
    if (!preview) await startPool(connection(), typed(poolInputs, inputs).name);
    return { outputs };
  },
  read: ({ id, inputs, state, report }) =>
    unlessUnreachable(
      async () => {
        const name = nameIn(state, id);
        const seen = await lookAtPool(connection(), name);
        if (seen === undefined) return undefined;
        return {
          id: seen.uuid,
          inputs: { ...inputs, name },
          outputs: { ...state, name, path: seen.path, active: seen.active },
        };
      },
      { id, inputs, outputs: state },
      (line) => report(line, { ephemeral: false }),
    ),
  async delete({ state, urn }) {
    const wanted = typed(poolInputs, state);
    await removePool(connection(), wanted.name, markFor(wanted.stackId, urn));
  },
};
