import { dhcpHostXml, dnsHostElements, networkOf } from "./network-xml";
import { allAt, xmlText, type XmlElement } from "./xml";

/** What libvirt changes on a running network, so that no guest loses its link: sections of `virsh net-update`, as XML. */

export const SECTIONS = ["ip-dhcp-host", "dns-host", "ip-dhcp-range", "dns-txt", "dns-srv"] as const;
export type Section = (typeof SECTIONS)[number];
export type Entries = Readonly<Record<Section, readonly string[]>>;

const textsAt = (root: XmlElement, ...path: readonly string[]): readonly string[] => allAt(root, ...path).map(xmlText);

export function networkEntries(root: XmlElement): Entries {
  const { dhcpHosts, dnsHosts } = networkOf(root);
  return {
    "ip-dhcp-host": dhcpHosts.map(dhcpHostXml),
    "dns-host": dnsHostElements(dnsHosts),
    "ip-dhcp-range": textsAt(root, "ip", "dhcp", "range"),
    "dns-txt": textsAt(root, "dns", "txt"),
    "dns-srv": textsAt(root, "dns", "srv"),
  };
}
