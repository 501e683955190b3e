import { contains, isAddress, parseCidr } from "../addresses";

/** What a schema of single properties cannot say of a resource's inputs. */

export interface InputProblem {
  /** Property path. */
  readonly property: string;
  /** Without any value, which might be secret. */
  readonly reason: string;
  readonly got?: unknown;
}

const isTree = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

const isFilled = (value: unknown): boolean => Array.isArray(value) && value.length > 0;
const isOff = (value: unknown): boolean => isTree(value) && value["enabled"] === false;

/** libvirt takes an address outside of the network, and dnsmasq then never gives it to anybody. */
function outsideProblems(block: unknown, hosts: unknown): readonly InputProblem[] {
  const cidr = typeof block === "string" ? parseCidr(block) : undefined;
  if (cidr === undefined || !Array.isArray(hosts)) return [];
  return hosts.flatMap((each: unknown, index) => {
    const ip = isTree(each) ? each["ip"] : undefined;
    if (typeof ip !== "string" || !isAddress(ip) || contains(cidr, ip)) return [];
    return [{ property: `dhcpHosts[${index}].ip`, reason: "is outside of addresses[0]", got: ip }];
  });
}

export function networkProblems({
  addresses,
  dhcp,
  dns,
  dhcpHosts,
}: Readonly<Record<string, unknown>>): readonly InputProblem[] {
  const hasBlock = isFilled(addresses) || typeof addresses === "string"; // a text: not known yet
  return [
    ...outsideProblems(Array.isArray(addresses) ? addresses[0] : undefined, dhcpHosts),
    ...(isFilled(dhcpHosts) && (isOff(dhcp) || !hasBlock)
      ? [{ property: "dhcpHosts", reason: "need dhcp.enabled and a block in addresses" }]
      : []),
    ...(isTree(dns) && isOff(dns) && isFilled(dns["hosts"])
      ? [{ property: "dns.hosts", reason: "need dns.enabled" }]
      : []),
  ];
}

const oneOf = (
  value: Readonly<Record<string, unknown>>,
  names: readonly string[],
  property: string,
): readonly InputProblem[] =>
  names.filter((name) => value[name] !== undefined).length === 1
    ? []
    : [{ property, reason: `expected one of ${names.join(", ")}` }];

export const diskProblems = (disks: unknown): readonly InputProblem[] =>
  Array.isArray(disks)
    ? disks.flatMap((each: unknown, index) =>
        isTree(each) ? oneOf(each, ["volumeId", "file", "blockDevice"], `disks[${index}]`) : [],
      )
    : [];

const NOT_COVERED = {
  hostname: "is not covered as an input: give the network a dhcpHosts entry with this name",
  addresses: "is not covered as an input: give the network a dhcpHosts entry with this address",
} as const;

/** Properties of 0.5.4 that would be accepted and then do nothing. */
export function interfaceProblems(interfaces: unknown): readonly InputProblem[] {
  if (!Array.isArray(interfaces)) return [];
  return interfaces.flatMap((each: unknown, index) => {
    if (!isTree(each)) return [];
    const at = `networkInterfaces[${index}]`;
    return [
      ...Object.entries(NOT_COVERED)
        .filter(([name]) => each[name] !== undefined)
        .map(([name, reason]) => ({ property: `${at}.${name}`, reason })),
      ...(each["waitForLease"] === true && each["bridge"] !== undefined
        ? [{ property: `${at}.waitForLease`, reason: "needs a network: of a bridge libvirt knows no leases" }]
        : []),
      ...oneOf(each, ["networkId", "networkName", "bridge"], at),
    ];
  });
}
