import { networkInputs, type NetworkInputs } from "../../../plan/libvirt/inputs";
import { entriesRest, networkRest, spanningTree } from "../../../plan/libvirt/network-rest";
import { networkXml } from "../../../plan/libvirt/network-xml";
import { seenNetworkProperties } from "../../../plan/libvirt/seen-network";
import { parseXml } from "../../../plan/libvirt/xml";
import { driftedPaths } from "../../../providers/libvirt/drift";

/** What is read out of a network's definition. That libvirt really writes so is shown by test/guest. */

const inputs = networkInputs.parse({
  name: "net",
  mode: "nat",
  bridge: "br9",
  mtu: 1400,
  domain: "lab.test",
  addresses: ["10.9.1.0/24", "10.9.2.0/28"],
  dhcpHosts: [{ mac: "52:54:00:00:00:01", ip: "10.9.1.5" }],
  dns: { localOnly: true, hosts: [{ hostname: "a", ip: "10.9.1.5" }] },
  dnsmasqOptions: { options: [{ optionName: "dhcp-option", optionValue: "3,10.9.1.1" }, { optionName: "no-hosts" }] },
});
const xmlOf = (wanted: NetworkInputs): string => networkXml(wanted, undefined);
const seenIn = (xml: string, wanted: NetworkInputs) => {
  const [ours, root] = [parseXml(xmlOf(wanted)), parseXml(xml)];
  const paths = driftedPaths(wanted, seenNetworkProperties(wanted, ours, root));
  return { paths, rest: [...spanningTree(root), ...networkRest(root), ...entriesRest(ours, root)] };
};

it.each<readonly [string, NetworkInputs]>([
  ["much", inputs],
  ["nothing", networkInputs.parse({ name: "n" })],
  ["a block that holds no leases", networkInputs.parse({ name: "n", addresses: ["10.9.1.0/30"] })],
  ["no DNS", networkInputs.parse({ name: "n", mode: "none", dns: { enabled: false } })],
])("finds all as it was wanted, with %s", (_title, wanted) => {
  const shown = xmlOf(wanted)
    .replace("<dhcp></dhcp>", "")
    .replace("<dhcp/>", "")
    .replace("<forward mode='nat'/>", "<forward mode='nat'><nat><port start='1024' end='65535'/></nat></forward>");
  expect(seenIn(shown, wanted)).toEqual({ paths: [], rest: [] });
});

it.each<readonly [string, string, readonly string[]]>([
  ["<forward mode='nat'/>", "", ["mode"]],
  ["<forward mode='nat'/>", "<forward mode='open'/>", ["mode"]],
  ["name='br9'", "name='br8'", ["bridge"]],
  ["<mtu size='1400'/>", "", ["mtu"]],
  ["localOnly='yes'", "localOnly='no'", ["dns.localOnly"]],
  ["address='10.9.2.1'", "address='10.9.3.1'", ["addresses[1]"]],
  ["prefix='28'", "netmask='255.255.255.240'", ["addresses[1]"]],
  ["<dns>", "<dns enable='no'>", ["dns.enabled"]],
  ["ip='10.9.1.5'/>", "ip='10.9.1.6'/>", ["dhcpHosts[0].ip"]],
  ["<hostname>a</hostname>", "<hostname>b</hostname>", ["dns.hosts[0].hostname"]],
  ["option=3,", "option=6,", ["dnsmasqOptions.options[0].optionValue"]],
])("tells by its path that %s became %s", (before, after, paths) => {
  const xml = xmlOf(inputs).replace(before, after);
  expect(xml).not.toBe(xmlOf(inputs));
  expect(seenIn(xml, inputs)).toEqual({ paths, rest: [] });
});

it.each<readonly [string, string, readonly string[]]>([
  ["stp='off'", "stp='on'", ["bridge has stp"]],
  ["<forward mode='nat'/>", "<forward mode='nat' dev='eth0'/>", ["forward has dev"]],
  [
    "<forward mode='nat'/>",
    "<forward mode='nat'><nat><port start='1' end='9'/></nat></forward>",
    ["forward has another nat"],
  ],
  ["<dns>", "<portgroup name='p'/><dns>", ["has portgroup"]],
  ["<range start='10.9.1.250'", "<range start='10.9.1.200'", ["another dhcp range"]],
  ["<dns>", "<dns><srv service='s' protocol='tcp'/>", ["other dns srv records"]],
])("tells in words that %s became %s", (before, after, rest) => {
  const xml = xmlOf(inputs).replace(before, after);
  expect(xml).not.toBe(xmlOf(inputs));
  expect(seenIn(xml, inputs)).toEqual({ paths: [], rest });
});

const addressesIn = (ip: string): unknown => {
  const bare = networkInputs.parse({ name: "n" });
  return seenNetworkProperties(bare, parseXml("<network/>"), parseXml(`<network>${ip}</network>`))["addresses"];
};

it("tells an address of the host's by its block, if it is the block's first", () => {
  expect(addressesIn("<ip address='10.9.1.1' prefix='24'/>")).toEqual(["10.9.1.0/24"]);
  expect(addressesIn("<ip address='10.9.1.9' prefix='24'/>")).toEqual(["10.9.1.9/24"]);
  expect(addressesIn("<ip address='10.9.1.9' netmask='255.255.255.0'/>")).toEqual(["10.9.1.9/255.255.255.0"]);
});
