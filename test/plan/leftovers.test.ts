import { describe as textOf, type HostObject } from "../../plan/host-object";
import { leftAloneLines, sortByOwner, type DestroyedStack } from "../../plan/leftovers";
import { bridgeName } from "../../plan/names";
import type { StackRecord } from "../../plan/stack-record";

const names = { project: "replikube", stack: "dev" };
const here = { hostName: "host", backend: "b1", libvirtUri: "qemu:///system" };
const dev: DestroyedStack = { ...names, ...here, stackId: "aa11", checkout: "/lab", records: [] };
const { stackId: _, ...unknown } = dev;

const mark = (stackId: string, stack = "dev") => ({ project: "replikube", stack, stackId });
const record = (stackId: string, checkout: string, rest: Partial<StackRecord> = {}): StackRecord => ({
  ...names,
  ...here,
  stackId,
  checkout,
  ...rest,
});

const left = (objects: readonly HostObject[], destroyed = dev): readonly string[] =>
  sortByOwner(objects, destroyed).own.map(textOf);
const leftAlone = (objects: readonly HostObject[], destroyed = dev): readonly string[] =>
  leftAloneLines(sortByOwner(objects, destroyed).others);

/** What a running stack of one machine has, with the mark where it can carry one. */
const stackOf = (stackId: string): readonly HostObject[] => [
  { kind: "domain", name: "replikube-dev-worker-0", mark: mark(stackId) },
  { kind: "network", name: "replikube-dev", mark: mark(stackId) },
  { kind: "pool", name: "replikube-dev", mark: mark(stackId), path: "/disks" },
  { kind: "volume", name: "replikube-dev-worker-0.qcow2", pool: "replikube-dev" },
  { kind: "bridge", name: bridgeName(names) },
  { kind: "file", name: "/disks/replikube-dev-worker-0.qcow2" },
  { kind: "snapshot", name: "/kept/snapshot", of: "replikube-dev-worker-0" },
  { kind: "leases", name: "/kept/leases", of: bridgeName(names) },
];

test("every kind of object is found by the stack's names", () => {
  const objects: readonly HostObject[] = [
    { kind: "domain", name: "replikube-dev-worker-0" },
    { kind: "network", name: "replikube-dev" },
    { kind: "pool", name: "replikube-dev" },
    { kind: "volume", name: "replikube-dev-worker-0.qcow2", pool: "replikube-dev" },
    { kind: "volume", name: "replikube-dev-worker-0.qcow2", pool: "default" },
    { kind: "bridge", name: bridgeName(dev) },
    { kind: "file", name: "/lab/.state/stacks/dev/pool/whatever" },
    { kind: "file", name: "/disks/replikube-dev-worker-0.qcow2" },
    { kind: "NVRAM", name: "/kept/vars", of: "replikube-dev-worker-0" },
    { kind: "saved state", name: "/kept/save", of: "replikube-dev-worker-0" },
    { kind: "snapshot", name: "/kept/snapshot", of: "replikube-dev-worker-0" },
    { kind: "leases", name: "/kept/leases", of: bridgeName(dev) },
    { kind: "dnsmasq configuration", name: "/kept/conf", of: "replikube-dev" },
  ];
  expect(left(objects)).toEqual([
    "domain replikube-dev-worker-0",
    "network replikube-dev",
    "pool replikube-dev",
    "volume replikube-dev-worker-0.qcow2 in pool replikube-dev",
    "volume replikube-dev-worker-0.qcow2 in pool default",
    `bridge ${bridgeName(dev)}`,
    "file /lab/.state/stacks/dev/pool/whatever",
    "file /disks/replikube-dev-worker-0.qcow2",
    "NVRAM /kept/vars",
    "saved state /kept/save",
    "snapshot /kept/snapshot",
    "leases /kept/leases",
    "dnsmasq configuration /kept/conf",
  ]);
});

test("what another stack or a user made is not taken for the stack's", () => {
  const objects: readonly HostObject[] = [
    { kind: "domain", name: "replikube-dev-two-worker-0" },
    { kind: "domain", name: "my-replikube-dev-worker-0" },
    { kind: "network", name: "replikube-dev-two" },
    { kind: "pool", name: "default" },
    { kind: "volume", name: "debian.qcow2", pool: "default" },
    { kind: "bridge", name: "virbr0" },
    { kind: "file", name: "/disks/debian.iso" },
    { kind: "file", name: "/lab/.state/stacks/dev-two/pool/replikube-dev-two-worker-0.qcow2" },
    { kind: "NVRAM", name: "/kept/vars", of: "replikube-dev-two-worker-0" },
    { kind: "leases", name: "/kept/leases", of: "virbr0" },
  ];
  expect(left(objects)).toEqual([]);
  expect(leftAlone(objects)).toEqual([]);
});

test("a mark decides over a name: the same name under another id is somebody else's", () => {
  const objects: readonly HostObject[] = [
    { kind: "domain", name: "renamed-by-hand", mark: mark("aa11") },
    { kind: "domain", name: "replikube-dev-worker-0", mark: mark("bb22") },
    { kind: "network", name: "replikube-dev", mark: mark("aa11", "two") },
  ];
  expect(left(objects)).toEqual(["domain renamed-by-hand"]);
});

test("everything of another checkout's stack of the same name is left alone, and it is said whose it is", () => {
  const records = [record("bb22", "/other")];
  const everything = stackOf("bb22").map(textOf).join(", ");
  for (const destroyed of [dev, unknown]) {
    expect(left(stackOf("bb22"), { ...destroyed, records })).toEqual([]);
    expect(leftAlone(stackOf("bb22"), { ...destroyed, records })).toEqual([
      `left alone, because it is that of stack dev of project replikube in /other, id bb22: ${everything}`,
    ]);
  }
});

test("nor is it the stack's when nothing is known of the checkout that made it", () => {
  expect(left(stackOf("bb22"), unknown)).toEqual([]);
  expect(leftAlone(stackOf("bb22"), unknown)).toEqual([
    expect.stringContaining("it is that of stack dev of project replikube, id bb22: domain replikube-dev-worker-0,"),
  ]);
});

test("what carries no mark may be either's when another stack of these names is known there", () => {
  const bridge: HostObject = { kind: "bridge", name: bridgeName(names) };
  const other = record("bb22", "/other");
  expect(left([bridge], { ...dev, records: [other] })).toEqual([]);
  expect(leftAlone([bridge], { ...dev, records: [other] })).toEqual([
    `left alone, because it may be that of another stack of these names, which uses this libvirt: bridge ${bridge.name}`,
  ]);
  const elsewhere = { ...other, libvirtUri: "qemu+ssh://far/system" };
  expect(left([bridge], { ...dev, records: [elsewhere] })).toEqual([`bridge ${bridge.name}`]);
});

test("what stands in the way of another's does not hide what is the stack's own", () => {
  const own: readonly HostObject[] = [
    { kind: "pool", name: "replikube-dev", mark: mark("aa11"), path: "/disks" },
    { kind: "volume", name: "replikube-dev-worker-0.qcow2", pool: "replikube-dev" },
    { kind: "file", name: "/lab/.state/stacks/dev/pool/replikube-dev-worker-0.qcow2" },
    { kind: "file", name: "/elsewhere/replikube-mark", mark: mark("aa11") },
  ];
  const theirs: HostObject = { kind: "network", name: "replikube-dev", mark: mark("bb22") };
  expect(left([...own, theirs])).toEqual(own.map(textOf));
});

test("without the state it is the stack's what this checkout is known to have made, with this backend on this machine", () => {
  const [domain] = stackOf("aa11");
  const leftBy = (made: StackRecord): readonly string[] =>
    left(domain === undefined ? [] : [domain], { ...unknown, records: [made] });
  expect(leftBy(record("aa11", "/lab"))).toEqual(["domain replikube-dev-worker-0"]);
  expect(leftBy(record("aa11", "/other"))).toEqual([]);
  expect(leftBy(record("aa11", "/lab", { backend: "b2" }))).toEqual([]);
  expect(leftBy(record("aa11", "/lab", { hostName: "twin" }))).toEqual([]);
  expect(leftBy(record("aa11", "/lab", { stack: "two" }))).toEqual([]);
});
