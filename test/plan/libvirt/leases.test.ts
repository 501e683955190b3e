import { domainInputs } from "../../../plan/libvirt/inputs";
import { awaitedLeases, parseLeases } from "../../../plan/libvirt/leases";

/** As `virsh -q net-dhcp-leases` of libvirt 9.0 prints it. */
const TABLE = ` 2026-11-25 15:20:31   52:54:00:aa:00:01   ipv4       10.99.1.250/24   -          01:52:54:00:aa:00:01
 2026-11-25 15:21:02   52:54:00:aa:00:01   ipv4       10.99.1.251/24   a-name     ff:00:01`;

it("reads addresses and when they expire", () => {
  expect(parseLeases(TABLE)).toEqual([
    { expires: "2026-11-25 15:20:31", address: "10.99.1.250" },
    { expires: "2026-11-25 15:21:02", address: "10.99.1.251" },
  ]);
  expect(parseLeases("")).toEqual([]);
});

it("awaits leases of the interfaces that say so, while the guest is to run", () => {
  const mac = "52:54:00:aa:00:01";
  const networkInterfaces = [
    { networkName: "quiet", mac },
    { networkId: "an-id", mac, waitForLease: true },
  ];
  const inputs = { name: "d", networkInterfaces };
  expect(awaitedLeases(domainInputs.parse(inputs))).toEqual([{ index: 1, network: "an-id", mac }]);
  expect(awaitedLeases(domainInputs.parse({ ...inputs, running: false }))).toEqual([]);
});
