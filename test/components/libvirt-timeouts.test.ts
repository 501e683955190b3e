import { libvirtTimeouts } from "../../components/libvirt-timeouts";

/** What Pulumi, and with it the libvirt provider, is told of a stack's deadlines. */

const own = { deadlinesFactor: 5, deadlines: { virsh: 40, shutdown: 300, upload: 7200 } };

test.each([
  ["Network", "network", {}, { create: "40s", update: "40s", delete: "40s" }],
  ["Volume", "volume", { baseFile: "/b" }, { create: "40s", update: "40s", delete: "40s" }],
  ["Volume", "volume", { source: "/s" }, { create: "7200s", update: "40s", delete: "40s" }],
  ["Domain", "domain", {}, { create: "40s", update: "600s", delete: "40s" }],
])("of a %s (%s %o)", (name, module, props, expected) => {
  expect(libvirtTimeouts({ type: `libvirt:index/${module}:${name}`, props }, own)).toEqual(expected);
});
