import fc from "fast-check";
import {
  MAX_INTERFACE_NAME,
  bridgeName,
  domainName,
  hostNameFault,
  macAddresses,
  nodeName,
  type NodeIdentity,
} from "../../plan/names";

const identity: NodeIdentity = { project: "replikube", stack: "dev", role: "worker", index: 2 };

test("a bridge's name fits into an interface's name, whatever the stack is called", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (project, stack) => {
      const name = bridgeName({ project, stack });
      expect(name).toMatch(/^rk[0-9a-f]{8}$/);
      expect(name.length).toBeLessThanOrEqual(MAX_INTERFACE_NAME);
    }),
  );
});

test("names say whose they are", () => {
  expect(domainName(identity)).toBe("replikube-dev-worker-2");
  expect(nodeName("{project}.{stack}-{role}-{index}-{zone}", identity)).toBe("replikube.dev-worker-2-{zone}");
});

test.each([
  ["dev-worker-0", undefined],
  ["a", undefined],
  ["Dev", "must be lower-case letters, digits and inner hyphens"],
  ["dev_1", "must be lower-case letters, digits and inner hyphens"],
  ["-dev", "must be lower-case letters, digits and inner hyphens"],
  ["", "must be lower-case letters, digits and inner hyphens"],
  ["a".repeat(64), "has 64 characters, at most 63 are allowed"],
])("host name %j: %s", (name, fault) => expect(hostNameFault(name)).toBe(fault));

const identities = (count: number): readonly NodeIdentity[] =>
  Array.from({ length: count }, (_, index) => ({ ...identity, index }));

test("no two machines share a MAC address, even where their hashes do", () => {
  const macs = macAddresses(identities(30_000));
  expect(new Set(macs).size).toBe(30_000);
  expect(macs.every((mac) => /^52:54:00(:[0-9a-f]{2}){3}$/.test(mac))).toBe(true);
});

test("a machine that is added at the end moves no MAC address", () => {
  expect(macAddresses(identities(30_000)).slice(0, 29_000)).toEqual(macAddresses(identities(29_000)));
});

test("another stack has other MAC addresses", () => {
  const others = macAddresses(identities(200).map((each) => ({ ...each, stack: "other" })));
  const mine = new Set(macAddresses(identities(200)));
  expect(others.filter((mac) => mine.has(mac))).toEqual([]);
});
