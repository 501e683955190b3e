import { lookAtPool, makePool, removePool, restorePool } from "../../drivers/libvirt/pools";
import { tellingProperty } from "../../drivers/libvirt/refusal";
import { poolInputs } from "../../plan/libvirt/inputs";
import { sanitizedPath } from "../../plan/libvirt/folder-path";
import { POOL_REPLACING } from "../../plan/libvirt/property-changes";
import { poolRefusable } from "../../plan/libvirt/refused-property";
import { differences } from "../kit/diff";
import { UNKNOWN, type Change, type Properties, type Resource } from "../kit/resource";
import { isImport, markedInPlace } from "./claim";
import { checkedInputs, nameIn, ownedIn, typed } from "./checked-inputs";
import { connection, isAnothers, markFor, unlessUnreachable } from "./connection";
import { definitionWords, driftIn, driftInWords, driftOfStopped, inPlace, inWords, withDrift } from "./drift";

const isTarget = (target: unknown): target is { readonly path: unknown } =>
  typeof target === "object" && target !== null && "path" in target;

/** Also in a preview, where it may be unknown. */
const asKept = (path: unknown): unknown => (typeof path === "string" ? sanitizedPath(path) : path);

const pathIn = ({ path, target }: Properties): string =>
  String(asKept(path ?? (isTarget(target) ? target.path : UNKNOWN)));

/** Another spelling of the same folder is no change. */
const withPathsAsKept = ({ path, target, ...others }: Properties): Properties => ({
  ...others,
  path: asKept(path),
  target: isTarget(target) ? { ...target, path: asKept(target.path) } : target,
});

/** Nothing that lies in a folder is touched by a pool that comes back to its own. */
const driftChanges = (inputs: Properties, state: Properties): readonly Change[] => [
  ...inPlace(driftIn(["path"], { path: pathIn(inputs) }, withPathsAsKept(state))),
  ...driftInWords(["definition"], state),
  ...driftOfStopped(state),
];

/** `libvirt:index/pool:Pool`, directories only. Its id is libvirt's UUID. */
export const pool: Resource = {
  replaceOn: POOL_REPLACING,
  deleteBeforeReplace: true,
  stable: ["name", "path"],
  check(request) {
    const { path, target } = request.inputs;
    const missing = path === undefined && target === undefined;
    return checkedInputs(poolInputs, request, missing ? [{ property: "path", reason: "expected a directory" }] : []);
  },
  diff: ({ oldInputs, inputs, state }) =>
    withDrift(
      markedInPlace(differences(withPathsAsKept(oldInputs), withPathsAsKept(inputs))),
      driftChanges(oldInputs, state),
    ),
  async create({ inputs, urn, preview, ...operation }) {
    const path = pathIn(inputs);
    const outputs = { ...inputs, path, active: true };
    if (preview) return { id: "", outputs };
    const wanted = typed(poolInputs, inputs);
    const { name, stackId } = wanted;
    const made = await tellingProperty("pool", poolRefusable(wanted), () =>
      makePool(connection(operation), name, path, markFor(stackId, urn)),
    );
    return { id: made.uuid, outputs };
  },
  async update({ id, inputs, urn, preview, ...operation }) {
    const path = pathIn(inputs);
    const outputs = { ...inputs, path, active: true };
    if (preview) return { outputs };
    const { name, stackId } = typed(poolInputs, inputs);
    await restorePool(connection(operation), name, path, { id, mark: markFor(stackId, urn) });
    return { outputs };
  },
  read: (request) =>
    unlessUnreachable(request, async () => {
      const { id, inputs, state, urn } = request;
      const seen = await lookAtPool(connection(), nameIn(state, id));
      if (seen === undefined || isAnothers(seen, request)) return undefined;
      const { name, uuid, path, active } = seen;
      const own = typeof state["stackId"] === "string" ? state["stackId"] : undefined;
      // Only a running pool tells its mark.
      const definition = inWords(definitionWords(seen, { urn, stackId: active ? own : undefined }, []));
      return {
        id: uuid,
        inputs: isImport(request) ? { name, type: "dir", path } : inputs,
        outputs: { ...state, name, path, active, definition },
      };
    }),
  async delete({ id, state, urn, ...operation }) {
    const { name, stackId } = ownedIn(state);
    await removePool(connection(operation), name, { id, mark: markFor(stackId, urn) });
  },
};
