import { execFileSync } from "node:child_process";
import { addressesInUse, networkBlocks } from "../../drivers/host-addresses";

it("reads the blocks of a libvirt network, by netmask or prefix, and leaves IPv6 alone", () => {
  const xml = `<network>
  <ip address='192.168.122.1' netmask='255.255.255.0'><dhcp><range start='192.168.122.2' end='192.168.122.254'/></dhcp></ip>
  <ip family='ipv4' address='10.4.5.6' prefix='20'/>
  <ip family='ipv6' address='fd00::1' prefix='64'/>
</network>`;
  expect(networkBlocks("default", xml)).toEqual([
    { cidr: "192.168.122.0/24", who: "libvirt network default" },
    { cidr: "10.4.0.0/20", who: "libvirt network default" },
  ]);
});

it("knows this machine's routes, also when no libvirt answers", async () => {
  const routes: readonly { readonly dst: string }[] = JSON.parse(
    execFileSync("ip", ["-4", "-j", "route"], { encoding: "utf8" }),
  );
  const expected = routes.map(({ dst }) => dst).filter((dst) => dst.includes("/"));
  const found = await addressesInUse("qemu+unix:///system?socket=/nonexistent/libvirt-sock");
  expect(found.map(({ cidr }) => cidr)).toEqual(expect.arrayContaining(expected));
});
