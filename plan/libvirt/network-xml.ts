import { addressCount, nthAddress, parseCidr } from "../addresses";
import { markText, parseMark, type Mark } from "../mark";
import type { NetworkInputs } from "./inputs";
import { allAt, element, parseXml, text, type XmlElement } from "./xml";

/** A network as libvirt's XML, and what of it is read back. */

export type DhcpHost = NetworkInputs["dhcpHosts"][number];
export type DnsHost = NetworkInputs["dns"]["hosts"][number];

/** libvirt 9.0 keeps no metadata of networks; a TXT record in the network's own DNS is kept, and anybody may read it. */
const MARK_RECORD = "replikube";
const MARK_OPTION = `txt-record=${MARK_RECORD},`;
const DNSMASQ = "http://libvirt.org/schemas/network/dnsmasq/1.0";
/** The last addresses of a block are for guests without a fixed one; at most this many. */
const DYNAMIC_ADDRESSES = 5;
const SMALLEST_PREFIX_WITH_RANGE = 28;

export const dhcpHostXml = ({ mac, ip, name }: DhcpHost): string => element("host", { mac, name, ip });

/** Names of one address stand in one element: libvirt takes an address only once. */
export function dnsHostElements(hosts: readonly DnsHost[]): readonly string[] {
  const addresses = [...new Set(hosts.map(({ ip }) => ip))];
  return addresses.map((ip) =>
    element(
      "host",
      { ip },
      hosts.filter((host) => host.ip === ip).map(({ hostname }) => element("hostname", {}, [text(hostname)])),
    ),
  );
}

/** The host takes the block's first address. libvirt takes one block with DHCP: the first. */
function ipElement(address: string, index: number, inputs: NetworkInputs): string {
  const cidr = parseCidr(address);
  if (cidr === undefined) throw new TypeError(`${address} is no IPv4 block`); // check has refused it
  const last = addressCount(cidr) - 2;
  const range =
    cidr.prefix <= SMALLEST_PREFIX_WITH_RANGE
      ? [element("range", { start: nthAddress(cidr, last - DYNAMIC_ADDRESSES + 1), end: nthAddress(cidr, last) })]
      : [];
  const dhcp =
    inputs.dhcp.enabled && index === 0
      ? element("dhcp", {}, [...range, ...inputs.dhcpHosts.map(dhcpHostXml)])
      : undefined;
  return element("ip", { family: "ipv4", address: nthAddress(cidr, 1), prefix: cidr.prefix }, [dhcp]);
}

/** What libvirt chose when it first had the network, and what a new definition of the same network keeps. */
export interface NetworkIdentity {
  readonly uuid: string;
  /** Absent: libvirt chooses, as of a new one. */
  readonly bridge?: string;
  readonly mac?: string | undefined;
}

export function networkXml(inputs: NetworkInputs, mark: Mark | undefined, kept?: NetworkIdentity): string {
  const { name, mode, bridge = kept?.bridge, mtu, domain, dns, addresses, dnsmasqOptions } = inputs;
  const own = (dnsmasqOptions?.options ?? []).map(({ optionName, optionValue }) =>
    optionValue === undefined ? optionName : `${optionName}=${optionValue}`,
  );
  // A network without DNS takes no record from libvirt, but from dnsmasq's own options.
  const options = mark === undefined || dns.enabled ? own : [...own, `${MARK_OPTION}${markText(mark)}`];
  const dnsChildren = dns.enabled
    ? [
        mark === undefined ? undefined : element("txt", { name: MARK_RECORD, value: markText(mark) }),
        ...dnsHostElements(dns.hosts),
      ]
    : [];
  return element("network", options.length === 0 ? {} : { "xmlns:dnsmasq": DNSMASQ }, [
    element("name", {}, [text(name)]),
    kept === undefined ? undefined : element("uuid", {}, [kept.uuid]),
    mode === "none" ? undefined : element("forward", { mode }),
    element("bridge", { name: bridge, stp: "off" }),
    kept?.mac === undefined ? undefined : element("mac", { address: kept.mac }),
    mtu === undefined ? undefined : element("mtu", { size: mtu }),
    domain === undefined ? undefined : element("domain", { name: domain, localOnly: dns.localOnly ? "yes" : "no" }),
    element("dns", { enable: dns.enabled ? undefined : "no" }, dnsChildren),
    ...addresses.map((address, index) => ipElement(address, index, inputs)),
    options.length === 0
      ? undefined
      : element(
          "dnsmasq:options",
          {},
          options.map((value) => element("dnsmasq:option", { value })),
        ),
  ]);
}

export const isMarkRecord = ({ attributes }: XmlElement): boolean => attributes["name"] === MARK_RECORD;
export const isMarkOption = (option: string): boolean => option.startsWith(MARK_OPTION);

export interface SeenNetwork {
  readonly mark: Mark | undefined;
  readonly mac: string | undefined;
  readonly dhcpHosts: readonly DhcpHost[];
  readonly dnsHosts: readonly DnsHost[];
}

export const seenNetwork = (xml: string): SeenNetwork => networkOf(parseXml(xml));

export function networkOf(root: XmlElement): SeenNetwork {
  const record = allAt(root, "dns", "txt").find(isMarkRecord);
  const option = allAt(root, "dnsmasq:options", "dnsmasq:option")
    .map(({ attributes }) => attributes["value"] ?? "")
    .find(isMarkOption);
  return {
    mark: parseMark(record?.attributes["value"] ?? option?.slice(MARK_OPTION.length) ?? ""),
    mac: allAt(root, "mac")[0]?.attributes["address"],
    dhcpHosts: allAt(root, "ip", "dhcp", "host").map(({ attributes: { mac = "", ip = "", name } }) => ({
      mac,
      ip,
      ...(name !== undefined && { name }),
    })),
    dnsHosts: allAt(root, "dns", "host").flatMap((host) =>
      allAt(host, "hostname").map((hostname) => ({ hostname: hostname.text, ip: host.attributes["ip"] ?? "" })),
    ),
  };
}

/** Entries to take out and to put in; one that changed is both. */
export function entryChanges(before: readonly string[], after: readonly string[]) {
  return {
    removed: before.filter((entry) => !after.includes(entry)),
    added: after.filter((entry) => !before.includes(entry)),
  };
}
