import { foreignParts } from "./foreign-parts";
import { networkEntries, type Section } from "./network-entries";
import { entryChanges } from "./network-xml";
import { allAt, xmlText, type XmlElement } from "./xml";

/** What of a network's definition no property holds, in words; see definition-rest.ts. */

const NEVER_BY_ITSELF = ["bandwidth", "ips", "port", "portgroup", "route", "virtualport", "vlan"] as const;
const OF_AN_ADDRESS = ["tftp"] as const;
const OF_DHCP = ["bootp"] as const;
const OF_DNS = ["forwarder"] as const;
const OF_FORWARD = ["address", "interface", "pf"] as const;

/** libvirt shows its default as soon as the network runs. */
const DEFAULT_NAT = "<nat><port end='65535' start='1024'/></nat>";

const hasAttribute = (root: XmlElement, child: string, name: string): readonly string[] =>
  allAt(root, child).some(({ attributes }) => attributes[name] !== undefined) ? [`${child} has ${name}`] : [];

/** Only a network that is started anew loses these. */
export function networkRest(seen: XmlElement): readonly string[] {
  const nats = allAt(seen, "forward", "nat").filter((nat) => xmlText(nat) !== DEFAULT_NAT);
  return [
    ...hasAttribute(seen, "bridge", "zone"),
    ...hasAttribute(seen, "forward", "dev"),
    ...(nats.length > 0 ? ["forward has another nat"] : []),
    ...foreignParts(allAt(seen, "forward")[0], OF_FORWARD, "forward "),
    ...foreignParts(seen, NEVER_BY_ITSELF),
    ...foreignParts(allAt(seen, "ip")[0], OF_AN_ADDRESS, "ip "),
    ...foreignParts(allAt(seen, "ip", "dhcp")[0], OF_DHCP, "dhcp "),
    ...foreignParts(allAt(seen, "dns")[0], OF_DNS, "dns "),
  ];
}

/** libvirt's default, which costs a guest two seconds of its boot: nothing that runs is replaced for that. */
export const spanningTree = (stored: XmlElement): readonly string[] =>
  allAt(stored, "bridge")[0]?.attributes["stp"] === "off" ? [] : ["bridge has stp"];

/** Sections without a property. */
const UNNAMED: readonly (readonly [Section, string])[] = [
  ["ip-dhcp-range", "another dhcp range"],
  ["dns-txt", "other dns txt records"],
  ["dns-srv", "other dns srv records"],
];

/** These come and go while the network runs. `ours`: what we would write. */
export function entriesRest(ours: XmlElement, seen: XmlElement): readonly string[] {
  const [wanted, found] = [networkEntries(ours), networkEntries(seen)];
  return UNNAMED.flatMap(([section, words]) => {
    const { added, removed } = entryChanges(wanted[section], found[section]);
    return added.length + removed.length > 0 ? [words] : [];
  });
}
