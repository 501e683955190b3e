import { blockOf, formatCidr, nthAddress } from "../addresses";
import type { NetworkInputs } from "./inputs";
import { dhcpHostXml, entryChanges, isMarkOption, networkOf, type DnsHost } from "./network-xml";
import { allAt, type XmlElement } from "./xml";

/** A network's definition in the words of our properties: what says the same is the wanted value itself. */

const differ = (before: readonly string[], after: readonly string[]): boolean => {
  const { added, removed } = entryChanges(before, after);
  return added.length + removed.length > 0;
};

const dnsHostText = ({ hostname, ip }: DnsHost): string => `${ip} ${hostname}`;

/** The host has a block's first address; one that has another is told as it is. */
function seenAddress({ address = "", prefix, netmask = "" }: XmlElement["attributes"]): string {
  const block = prefix === undefined ? undefined : blockOf(address, Number(prefix));
  const isFirst = block !== undefined && nthAddress(block, 1) === address;
  return isFirst ? formatCidr(block) : `${address}/${prefix ?? netmask}`;
}

/** A `dhcp` in which nothing stands is none to libvirt, so it is missed only where something should be in it. */
function seenDhcp(wanted: NetworkInputs["dhcp"], ours: XmlElement, root: XmlElement): NetworkInputs["dhcp"] {
  const enabled = allAt(root, "ip", "dhcp").length > 0;
  const written = allAt(ours, "ip", "dhcp").some(({ children }) => children.length > 0);
  return enabled || written ? { enabled } : wanted;
}

function seenDns({ dns, domain }: NetworkInputs, root: XmlElement, found: readonly DnsHost[]): unknown {
  const localOnly = allAt(root, "domain")[0]?.attributes["localOnly"] === "yes";
  return {
    enabled: allAt(root, "dns")[0]?.attributes["enable"] !== "no",
    // It is an attribute of the domain, so without one nothing is known of it.
    localOnly: domain === undefined ? dns.localOnly : localOnly,
    hosts: differ(dns.hosts.map(dnsHostText), found.map(dnsHostText)) ? found : dns.hosts,
  };
}

function seenOptions(wanted: NetworkInputs["dnsmasqOptions"], root: XmlElement): NetworkInputs["dnsmasqOptions"] {
  const options = allAt(root, "dnsmasq:options", "dnsmasq:option")
    .map(({ attributes }) => attributes["value"] ?? "")
    .filter((line) => !isMarkOption(line))
    .map((line) => {
      const [optionName = "", ...value] = line.split("=");
      return { optionName, ...(value.length > 0 && { optionValue: value.join("=") }) };
    });
  return options.length === 0 && (wanted?.options ?? []).length === 0 ? wanted : { options };
}

/** Of the stored definition (`net-dumpxml --inactive`), or of the running network. `ours`: what we would write. */
export function seenNetworkProperties(
  wanted: NetworkInputs,
  ours: XmlElement,
  root: XmlElement,
): Readonly<Record<string, unknown>> {
  const { dhcpHosts, dnsHosts } = networkOf(root);
  const [forward] = allAt(root, "forward");
  const mtu = allAt(root, "mtu")[0]?.attributes["size"];
  return {
    mode: forward === undefined ? "none" : (forward.attributes["mode"] ?? "nat"),
    bridge: wanted.bridge === undefined ? undefined : allAt(root, "bridge")[0]?.attributes["name"],
    mtu: mtu === undefined ? undefined : Number(mtu),
    domain: allAt(root, "domain")[0]?.attributes["name"],
    addresses: allAt(root, "ip").map(({ attributes }) => seenAddress(attributes)),
    dhcp: seenDhcp(wanted.dhcp, ours, root),
    dns: seenDns(wanted, root, dnsHosts),
    dnsmasqOptions: seenOptions(wanted.dnsmasqOptions, root),
    dhcpHosts: differ(wanted.dhcpHosts.map(dhcpHostXml), dhcpHosts.map(dhcpHostXml)) ? dhcpHosts : wanted.dhcpHosts,
  };
}
