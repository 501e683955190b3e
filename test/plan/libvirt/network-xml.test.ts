import "../../golden-matcher";
import { networkInputs } from "../../../plan/libvirt/inputs";
import { dnsHostElements, entryChanges, networkXml, seenNetwork } from "../../../plan/libvirt/network-xml";
import { markOf } from "../../../plan/mark";

const mark = markOf("c0ffee", "urn:pulumi:de,v::repli'kube::libvirt:index/network:Network::net");
const pretty = (xml: string): string => `${xml.replaceAll("><", ">\n<")}\n`;

const isolated = networkInputs.parse({
  name: "replikube-dev",
  mode: "none",
  bridge: "rk0",
  mtu: 1400,
  domain: "dev.test",
  addresses: ["10.77.0.0/24"],
  dhcpHosts: [{ mac: "52:54:00:00:00:01", ip: "10.77.0.10", name: "a" }],
  dns: {
    localOnly: true,
    hosts: [
      { hostname: "a", ip: "10.77.0.10" },
      { hostname: "b", ip: "10.77.0.11" },
      { hostname: "a-too", ip: "10.77.0.10" },
    ],
  },
  dnsmasqOptions: { options: [{ optionName: "dhcp-option", optionValue: "3,10.77.0.1" }, { optionName: "no-hosts" }] },
});

it("of a stack is isolated, with its entries and its mark", () => {
  expect(pretty(networkXml(isolated, mark))).toBeGolden("libvirt/isolated-network.xml");
});

it("leads out by default, with addresses for guests that have no entry", () => {
  const inputs = networkInputs.parse({ name: "nat", addresses: ["192.168.7.0/26", "192.168.8.0/30"] });
  expect(pretty(networkXml(inputs, undefined))).toBeGolden("libvirt/nat-network.xml");
});

it("gives back its mark and entries, with DNS and without", () => {
  const seen = seenNetwork(networkXml(isolated, mark));
  expect(seen.mark).toEqual(mark);
  expect(seen.dhcpHosts).toEqual(isolated.dhcpHosts);
  expect(dnsHostElements(seen.dnsHosts)).toEqual(dnsHostElements(isolated.dns.hosts));
  const silent = networkInputs.parse({ name: "n", dns: { enabled: false } });
  expect(networkXml(silent, mark)).toContain("<dns enable='no'/>");
  expect(seenNetwork(networkXml(silent, mark)).mark).toEqual(mark);
});

it("takes out and puts in what changed, and nothing else", () => {
  expect(entryChanges(["a", "b"], ["b", "c"])).toEqual({ removed: ["a"], added: ["c"] });
  expect(entryChanges(["a", "b"], ["b", "a"])).toEqual({ removed: [], added: [] });
});
