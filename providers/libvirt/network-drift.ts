import type { NetworkState } from "../../drivers/libvirt/networks";
import { networkInputs } from "../../plan/libvirt/inputs";
import { entriesRest, networkRest, spanningTree } from "../../plan/libvirt/network-rest";
import { networkXml } from "../../plan/libvirt/network-xml";
import { seenNetworkProperties } from "../../plan/libvirt/seen-network";
import { parseXml } from "../../plan/libvirt/xml";
import type { Change, Properties, ReadRequest, ReadResult } from "../kit/resource";
import { typed } from "./checked-inputs";
import { isImport } from "./claim";
import { markFor } from "./connection";
import {
  definitionWords,
  drifted,
  driftedPaths,
  driftIn,
  driftInWords,
  driftOfStopped,
  inPlace,
  inWords,
} from "./drift";

/**
 * A network as it is now. One that was stopped is started as it should be, in place. One that runs as another keeps nothing by being
 * stopped, since its guests lose their links: it is replaced, as for the same change in the program. Words stand in `definition` (what
 * libvirt keeps for its next start) and in `running` (what it is).
 */

const namesIn = (inputs: Properties): readonly string[] =>
  Object.keys(networkInputs.shape).filter((name) => name !== "bridge" || inputs["bridge"] !== undefined);

export function networkDriftChanges(inputs: Properties, state: Properties): readonly Change[] {
  const properties = driftIn(namesIn(inputs), inputs, state);
  return [
    ...(state["active"] === false ? inPlace(properties) : properties),
    ...driftInWords(["definition"], state),
    ...driftInWords(["running"], state).map((change) => ({ ...change, replaces: true })),
    ...driftOfStopped(state),
  ];
}

type Request = Pick<ReadRequest, "inputs" | "state" | "urn">;

export function seenNetworkState(
  seen: NetworkState,
  { inputs, state, urn }: Request,
): Required<Omit<ReadResult, "id">> {
  const { name, bridge, autostart, stored, running } = seen;
  if (isImport({ inputs, state })) {
    const bare = typed(networkInputs, { name });
    const properties = seenNetworkProperties(bare, parseXml(networkXml(bare, undefined)), running ?? stored);
    const found = typed(networkInputs, { name, autostart, ...properties });
    return seenNetworkState(seen, { inputs: found, state: found, urn });
  }
  const wanted = typed(networkInputs, inputs);
  const ours = parseXml(networkXml(wanted, markFor(wanted.stackId, urn)));
  const properties = seenNetworkProperties(wanted, ours, running ?? stored);
  const nextStart = driftedPaths(wanted, seenNetworkProperties(wanted, ours, stored));
  const definition = definitionWords(seen, { urn, stackId: wanted.stackId }, [
    ...(running !== undefined && nextStart.length > 0 ? [`will start with another ${nextStart.join(", ")}`] : []),
    ...spanningTree(stored),
    ...networkRest(stored),
    ...new Set([...entriesRest(ours, stored), ...entriesRest(ours, running ?? stored)]),
  ]);
  return {
    inputs,
    outputs: {
      ...state,
      ...inputs,
      ...drifted(wanted, properties),
      autostart,
      bridge,
      active: running !== undefined,
      definition: inWords(definition),
      running: inWords(running === undefined ? [] : networkRest(running)),
    },
  };
}
