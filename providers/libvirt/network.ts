import { changeNetwork, lookAtNetwork, makeNetwork, removeNetwork } from "../../drivers/libvirt/networks";
import { networkProblems } from "../../plan/libvirt/input-problems";
import { networkInputs } from "../../plan/libvirt/inputs";
import { NETWORK_REPLACING } from "../../plan/libvirt/property-changes";
import { differences } from "../kit/diff";
import { UNKNOWN, type Resource } from "../kit/resource";
import { claimOf, markedInPlace } from "./claim";
import { checkedInputs, nameIn, ownedIn, typed } from "./checked-inputs";
import { connection, isAnothers, markFor, unlessUnreachable } from "./connection";
import { withDrift } from "./drift";
import { networkDriftChanges, seenNetworkState } from "./network-drift";

/** `libvirt:index/network:Network`. Its id is libvirt's UUID. */
export const network: Resource = {
  replaceOn: NETWORK_REPLACING,
  deleteBeforeReplace: true,
  stable: ["name", "bridge", "addresses"],
  check: (request) => checkedInputs(networkInputs, request, networkProblems(request.inputs)),
  diff: ({ oldInputs, inputs, state }) =>
    withDrift(markedInPlace(differences(oldInputs, inputs)), networkDriftChanges(oldInputs, state)),
  async create({ inputs, urn, preview, ...operation }) {
    if (preview) return { id: "", outputs: { bridge: UNKNOWN, ...inputs, active: true } };
    const wanted = typed(networkInputs, inputs);
    const made = await makeNetwork(connection(operation), wanted, markFor(wanted.stackId, urn));
    return { id: made.uuid, outputs: { ...inputs, bridge: made.bridge, active: true } };
  },
  async update({ id, inputs, oldInputs, state, urn, preview, ...operation }) {
    const outputs = { ...inputs, bridge: inputs["bridge"] ?? state["bridge"], active: true };
    if (preview) return { outputs };
    const wanted = typed(networkInputs, inputs);
    const { bridge } = await changeNetwork(connection(operation), wanted, markFor(wanted.stackId, urn), {
      id,
      claim: claimOf(id, oldInputs),
    });
    return { outputs: { ...outputs, bridge: inputs["bridge"] ?? bridge } };
  },
  read: (request) =>
    unlessUnreachable(request, async () => {
      const seen = await lookAtNetwork(connection(), nameIn(request.state, request.id));
      if (seen === undefined || isAnothers(seen, request)) return undefined;
      return { id: seen.uuid, ...seenNetworkState(seen, request) };
    }),
  async delete({ id, state, urn, ...operation }) {
    const { name, stackId } = ownedIn(state);
    await removeNetwork(connection(operation), name, { id, mark: markFor(stackId, urn) });
  },
};
