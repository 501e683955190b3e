import type { HostObject } from "../../plan/host-object";
import { removalsOf } from "../../plan/removal-commands";

const place = {
  libvirtUri: "qemu+unix:///system?socket=/run/my lab/sock",
  inNetwork: (command: readonly string[]) => ["nsenter", "--net=/run/netns/lab", "--", ...command] as const,
};
const commands = (...objects: readonly HostObject[]): readonly string[] =>
  removalsOf(objects, place).map(({ command }) => command);

const virsh = "virsh -c 'qemu+unix:///system?socket=/run/my lab/sock'";

test("each leftover comes with the command that removes it, on the libvirt and in the network where it is", () => {
  expect(commands({ kind: "network", name: "replikube-dev" })).toEqual([
    `${virsh} net-destroy replikube-dev; ${virsh} net-undefine replikube-dev`,
  ]);
  expect(commands({ kind: "bridge", name: "rk12345678" })).toEqual([
    "nsenter --net=/run/netns/lab -- ip link delete rk12345678",
  ]);
  expect(commands({ kind: "NVRAM", name: "/my lab/a_VARS.fd", of: "a" })).toEqual(["rm '/my lab/a_VARS.fd'"]);
});

test("they stand in an order in which they work", () => {
  const kinds = ["file", "network", "pool", "volume", "domain"] as const;
  const ordered = removalsOf(
    kinds.map((kind) => ({ kind, name: "n" })),
    place,
  );
  expect(ordered.map(({ object }) => object.kind)).toEqual(["domain", "volume", "pool", "network", "file"]);
});
