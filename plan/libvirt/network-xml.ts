import { addressCount, nthAddress, parseCidr } from "../addresses";
import { markText, parseMark, type Mark } from "../mark";
import type { NetworkInputs } from "./inputs";
import { allAt, element, parseXml, text } from "./xml";

/** A network as libvirt's XML, and what of it is read back. */

export type DhcpHost = NetworkInputs["dhcpHosts"][number];
export type DnsHost = NetworkInputs["dns"]["hosts"][number];

/** libvirt 9.0 keeps no metadata of networks; a TXT record in the network's own DNS is kept, and anybody may read it. */
const MARK_RECORD = "replikube";
const DNSMASQ = "http://libvirt.org/schemas/network/dnsmasq/1.0";
/** The last addresses of a block are for guests without a fixed one; at most this many. */
const DYNAMIC_ADDRESSES = 5;
const SMALLEST_PREFIX_WITH_RANGE = 28;

export const dhcpHostXml = ({ mac, ip, name }: DhcpHost): string => element("host", { mac, name, ip });
export const dnsHostXml = ({ hostname, ip }: DnsHost): string =>
  element("host", { ip }, [element("hostname", {}, [text(hostname)])]);

/** Names of one address stand in one element: libvirt takes an address only once. */
function dnsHosts(hosts: readonly DnsHost[]): readonly string[] {
  const addresses = [...new Set(hosts.map(({ ip }) => ip))];
  return addresses.map((ip) =>
    element(
      "host",
      { ip },
      hosts.filter((host) => host.ip === ip).map(({ hostname }) => element("hostname", {}, [text(hostname)])),
    ),
  );
}

/** The host takes the block's first address when only the block is given. */
function ipElement(address: string, inputs: NetworkInputs): string {
  const cidr = parseCidr(address);
  if (cidr === undefined) return element("ip", { address });
  const last = addressCount(cidr) - 2;
  const range =
    cidr.prefix <= SMALLEST_PREFIX_WITH_RANGE
      ? [element("range", { start: nthAddress(cidr, last - DYNAMIC_ADDRESSES + 1), end: nthAddress(cidr, last) })]
      : [];
  const dhcp = inputs.dhcp.enabled ? element("dhcp", {}, [...range, ...inputs.dhcpHosts.map(dhcpHostXml)]) : undefined;
  return element("ip", { family: "ipv4", address: nthAddress(cidr, 1), prefix: cidr.prefix }, [dhcp]);
}

export function networkXml(inputs: NetworkInputs, mark: Mark | undefined): string {
  const { name, mode, bridge, mtu, domain, dns, addresses, dnsmasqOptions } = inputs;
  const options = dnsmasqOptions?.options ?? [];
  const dnsChildren = [
    mark === undefined ? undefined : element("txt", { name: MARK_RECORD, value: markText(mark) }),
    ...dnsHosts(dns.hosts),
  ];
  return element("network", options.length === 0 ? {} : { "xmlns:dnsmasq": DNSMASQ }, [
    element("name", {}, [text(name)]),
    mode === "none" ? undefined : element("forward", { mode }),
    element("bridge", { name: bridge, stp: "off" }),
    mtu === undefined ? undefined : element("mtu", { size: mtu }),
    domain === undefined ? undefined : element("domain", { name: domain, localOnly: dns.localOnly ? "yes" : "no" }),
    element("dns", { enable: dns.enabled ? undefined : "no" }, dnsChildren),
    ...addresses.map((address) => ipElement(address, inputs)),
    options.length === 0
      ? undefined
      : element(
          "dnsmasq:options",
          {},
          options.map(({ optionName, optionValue }) =>
            element("dnsmasq:option", {
              value: optionValue === undefined ? optionName : `${optionName}=${optionValue}`,
            }),
          ),
        ),
  ]);
}

export interface SeenNetwork {
  readonly mark: Mark | undefined;
  readonly dhcpHosts: readonly DhcpHost[];
  readonly dnsHosts: readonly DnsHost[];
}

export function seenNetwork(xml: string): SeenNetwork {
  const root = parseXml(xml);
  const record = allAt(root, "dns", "txt").find(({ attributes }) => attributes["name"] === MARK_RECORD);
  return {
    mark: parseMark(record?.attributes["value"] ?? ""),
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
