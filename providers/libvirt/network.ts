import { changeNetwork, lookAtNetwork, makeNetwork, removeNetwork } from "../../drivers/libvirt/networks";
import { networkProblems } from "../../plan/libvirt/input-problems";
import { networkInputs } from "../../plan/libvirt/inputs";
import { dhcpHostXml, entryChanges, type DhcpHost, type DnsHost } from "../../plan/libvirt/network-xml";
import { NETWORK_REPLACING } from "../../plan/libvirt/property-changes";
import { differences } from "../kit/diff";
import { UNKNOWN, type Properties, type Resource } from "../kit/resource";
import { checkedInputs, nameIn, ownedIn, typed } from "./checked-inputs";
import { connection, isAnothers, markFor, unlessUnreachable } from "./connection";

/** `libvirt:index/network:Network`. Its id is libvirt's UUID. `active` is an output: a network that was stopped is drift. */
export const network: Resource = {
  replaceOn: NETWORK_REPLACING,
  deleteBeforeReplace: true,
  stable: ["name", "bridge", "addresses"],
  check: (request) => checkedInputs(networkInputs, request, networkProblems(request.inputs)),
  diff: ({ oldInputs, inputs, state }) => [
    ...differences(oldInputs, inputs),
    ...(state["active"] === false ? [{ path: "active", kind: "UPDATE", drift: true } as const] : []),
  ],
  async create({ inputs, urn, preview }) {
    if (preview) return { id: "", outputs: { bridge: UNKNOWN, ...inputs, active: true } };
    const wanted = typed(networkInputs, inputs);
    const made = await makeNetwork(connection(), wanted, markFor(wanted.stackId, urn));
    return { id: made.uuid, outputs: { ...inputs, bridge: made.bridge, active: true } };
  },
  async update({ inputs, state, urn, preview }) {
    const outputs = { ...inputs, bridge: inputs["bridge"] ?? state["bridge"], active: true };
    if (preview) return { outputs };
    const wanted = typed(networkInputs, inputs);
    await changeNetwork(connection(), wanted, markFor(wanted.stackId, urn));
    return { outputs };
  },
  async read({ id, inputs, state, urn, report }) {
    const name = nameIn(state, id);
    const kept = { id, inputs, outputs: state };
    return unlessUnreachable(
      async () => {
        const seen = await lookAtNetwork(connection(), name);
        if (seen === undefined || isAnothers(seen, { id, state, urn })) return undefined;
        const found = {
          name,
          bridge: seen.bridge,
          autostart: seen.autostart,
          ...driftedHosts(inputs, seen.dhcpHosts, seen.dnsHosts),
        };
        const { bridge, ...visible } = found;
        return {
          id: seen.uuid,
          inputs: { ...inputs, ...visible },
          outputs: { ...state, ...visible, bridge, active: seen.active },
        };
      },
      kept,
      (line) => report(line, { ephemeral: false }),
    );
  },
  async delete({ id, state, urn }) {
    const { name, stackId } = ownedIn(state);
    await removeNetwork(connection(), name, { id, mark: markFor(stackId, urn) });
  },
};

const dnsHostText = ({ hostname, ip }: DnsHost): string => `${ip} ${hostname}`;

const differ = (before: readonly string[], after: readonly string[]): boolean => {
  const { added, removed } = entryChanges(before, after);
  return added.length + removed.length > 0;
};

/** Only what differs, whatever the order: a refresh without drift must change nothing. */
function driftedHosts(inputs: Properties, dhcpHosts: readonly DhcpHost[], dnsHosts: readonly DnsHost[]): Properties {
  const known = networkInputs.safeParse(inputs);
  if (!known.success) return {};
  return {
    ...(differ(known.data.dhcpHosts.map(dhcpHostXml), dhcpHosts.map(dhcpHostXml)) && { dhcpHosts }),
    ...(differ(known.data.dns.hosts.map(dnsHostText), dnsHosts.map(dnsHostText)) && {
      dns: { ...known.data.dns, hosts: dnsHosts },
    }),
  };
}
