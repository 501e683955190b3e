import type { HostObject } from "../../plan/host-object";
import { poolUuid } from "../../plan/libvirt/storage-xml";
import { markOf } from "../../plan/mark";
import { remnantsOf } from "../../plan/remnants";

/** Whose a pool is that was cut off before it had its mark, wherever it lies. */

const identity = { project: "replikube", stack: "dev", stackId: "aa11" };
const urn = "urn:pulumi:dev::replikube::replikube:index:Experiment$libvirt:index/pool:Pool::pool";
const cutOff: HostObject = {
  kind: "pool",
  name: "replikube-dev",
  path: "/data/pool",
  uuid: poolUuid(markOf("aa11", urn)),
};

const remnants = (...objects: readonly HostObject[]) =>
  remnantsOf({ identity, poolFolder: "/lab/.state/stacks/dev/pool", objects });

it("is told by its UUID", () => {
  expect(remnants(cutOff)).toEqual([cutOff]);
});

it.each<readonly [string, HostObject]>([
  ["of another stack of that name", { ...cutOff, uuid: poolUuid(markOf("bb22", urn)) }],
  ["that somebody else has marked since", { ...cutOff, mark: { ...identity, stackId: "bb22" } }],
  ["of nobody's", { kind: "pool", name: "replikube-dev", path: "/data/pool" }],
])("is none %s", (_, object) => {
  expect(remnants(object)).toEqual([]);
});
