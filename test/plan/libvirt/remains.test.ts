import { remainsAt } from "../../../plan/libvirt/remains";

test.each([
  ["qemu/nvram/replikube-dev-worker-0_VARS.fd", { kind: "NVRAM", of: "replikube-dev-worker-0" }],
  ["qemu/save/replikube-dev-worker-0.save", { kind: "saved state", of: "replikube-dev-worker-0" }],
  ["qemu/snapshot/replikube-dev-worker-0/before.xml", { kind: "snapshot", of: "replikube-dev-worker-0" }],
  ["dnsmasq/rk12345678.status", { kind: "leases", of: "rk12345678" }],
  ["dnsmasq/rk12345678.macs", { kind: "leases", of: "rk12345678" }],
  ["dnsmasq/replikube-dev.conf", { kind: "dnsmasq configuration", of: "replikube-dev" }],
  ["dnsmasq/replikube-dev.addnhosts", { kind: "dnsmasq configuration", of: "replikube-dev" }],
])("%s tells what it is and of what", (path, remains) => {
  expect(remainsAt(path)).toEqual(remains);
});

test.each([
  "qemu/nvram",
  "qemu/snapshot/replikube-dev-worker-0",
  "qemu/ram/replikube-dev-worker-0.save",
  "images/a.conf",
])("%s is none of them", (path) => {
  expect(remainsAt(path)).toBeUndefined();
});
