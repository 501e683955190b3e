import {
  CLOUD_INIT_DISK_CHANGES,
  DOMAIN_CHANGES,
  NETWORK_CHANGES,
  POOL_CHANGES,
  VOLUME_CHANGES,
  type Cost,
} from "../../plan/libvirt/property-changes";
import { differences, replacesBy } from "../../providers/kit/diff";
import { UNKNOWN, type Properties, type Resource } from "../../providers/kit/resource";
import { cloudInitDisk } from "../../providers/libvirt/cloud-init-disk";
import { checkConfig, configChanges, configure, uriOf } from "../../providers/libvirt/connection";
import { domain } from "../../providers/libvirt/domain";
import { network } from "../../providers/libvirt/network";
import { pool } from "../../providers/libvirt/pool";
import { volume } from "../../providers/libvirt/volume";
import { check, preview, previewUpdate, read } from "../fixtures/libvirt-resources";

/** What needs no libvirt: checks, previews and diffs. test/guest has the rest. */

const failing = async (resource: Resource, inputs: Properties): Promise<readonly string[]> =>
  (await check(resource, "r", inputs)).failures.map(({ property }) => property).toSorted();

const replacing = (resource: Resource, before: Properties, after: Properties): readonly string[] =>
  differences(before, after)
    .filter((change) => replacesBy(resource, change))
    .map(({ path }) => path);

describe("check", () => {
  it("lists every fault with its path", async () => {
    const faults = await failing(domain, {
      vcpu: 0,
      memory: "much",
      type: "xen",
      colour: "red",
      cpu: { disabledFeatures: ["cx16"] },
      disks: [{ file: "/a", blockDevice: "/b" }, { volumeID: "/c" }],
      networkInterfaces: [
        { networkName: "n", hostname: "h", addresses: ["10.0.0.1"], mac: "one", waitForLease: true },
        {},
        { bridge: "b", waitForLease: true },
      ],
      bootDevices: [{ devs: ["hd", "tape"] }],
      consoles: [{ type: "file", targetPort: "0", sourcePath: "relative" }],
      credentials: { big: "x".repeat(4096) },
    });
    expect(faults).toEqual(
      [
        "bootDevices[0].devs[1]",
        "colour",
        "consoles[0].sourcePath",
        "cpu.mode",
        'credentials["big"]',
        "disks[0]",
        "disks[1]",
        "disks[1].volumeID",
        "memory",
        "networkInterfaces[0].addresses",
        "networkInterfaces[0].hostname",
        "networkInterfaces[0].mac",
        "networkInterfaces[1]",
        "networkInterfaces[2].waitForLease",
        "type",
        "vcpu",
      ].toSorted(),
    );
    expect(await failing(network, { addresses: ["10.0.0.1/24", "fd00::/64"], mode: "open" })).toEqual([
      "addresses[0]",
      "addresses[1]",
      "mode",
    ]);
    const entry = { mac: "52:54:00:00:00:01", ip: "10.0.0.1" };
    const silent = { dhcpHosts: [entry], dns: { enabled: false, hosts: [{ hostname: "a", ip: "10.0.0.1" }] } };
    expect(await failing(network, silent)).toEqual(["dhcpHosts", "dns.hosts"]);
    const hosts = [entry, { mac: "52:54", ip: "10.0.1.2" }, { mac: "52:54:00:00:00:03", ip: "10.0.0" }];
    const dns = { hosts: [{ hostname: "a", ip: "a" }] };
    expect(await failing(network, { addresses: ["10.0.0.0/24"], dhcpHosts: hosts, dns })).toEqual([
      "dhcpHosts[1].ip",
      "dhcpHosts[1].mac",
      "dhcpHosts[2].ip",
      "dns.hosts[0].ip",
    ]);
    expect(await failing(cloudInitDisk, { userData: 1, user_data: "x" })).toEqual(["userData", "user_data"]);
    expect(await failing(pool, { type: "logical" })).toEqual(["path", "type"]);
    expect(await failing(volume, {})).toEqual(["size"]);
    expect(await failing(volume, { size: 0, source: "/a" })).toEqual(["size"]);
    expect(await failing(volume, { size: 0, format: "raw" })).toEqual([]);
    expect(await failing(volume, { source: "/a", baseFile: "/b" })).toEqual(["baseFile"]);
  });

  it("takes what is not known yet, at every depth, and fills in the rest", async () => {
    const inputs = {
      vcpu: UNKNOWN,
      disks: [{ volumeId: UNKNOWN }],
      networkInterfaces: [{ networkName: UNKNOWN }],
      consoles: [{ type: "file", targetPort: "0", sourcePath: UNKNOWN }],
      cpu: UNKNOWN,
      stackId: UNKNOWN,
    };
    const checked = await check(domain, "machine", inputs);
    expect(checked.failures).toEqual([]);
    expect(checked.inputs).toMatchObject({ ...inputs, memory: 512, machine: "q35", running: true, type: "kvm" });
    expect((await check(pool, "p", { type: "dir", path: UNKNOWN })).failures).toEqual([]);
    expect((await check(network, "n", { addresses: UNKNOWN, dhcp: { enabled: UNKNOWN } })).failures).toEqual([]);
  });

  it("names what has no name, and keeps names and MAC addresses that were chosen before", async () => {
    const inputs = { networkInterfaces: [{ networkName: "n" }] };
    const first = await check(domain, "machine", inputs);
    expect(first.inputs["name"]).toMatch(/^machine-[0-9a-f]{7}$/);
    expect(first.inputs["networkInterfaces"]).toEqual([
      { networkName: "n", mac: expect.stringMatching(/^52:54:00(:[0-9a-f]{2}){3}$/) },
    ]);
    const old = { name: "machine-1234567", networkInterfaces: [{ networkName: "n", mac: "52:54:00:11:22:33" }] };
    expect((await check(domain, "machine", inputs, old)).inputs).toMatchObject(old);
    const chosen = { ...inputs, name: "mine" };
    expect((await check(domain, "machine", chosen, old)).inputs["name"]).toBe("mine");
  });
});

describe("a preview needs no libvirt and", () => {
  beforeEach(() => configure({ uri: UNKNOWN }));

  it("knows all that is not libvirt's to choose", async () => {
    const made = await preview(domain, "d", { name: "d", vcpu: 2 });
    expect(made).toMatchObject({ name: "d", vcpu: 2, memory: 512, instance: UNKNOWN });
    expect(await preview(network, "n", { name: "n", bridge: "b0" })).toMatchObject({ bridge: "b0", active: true });
    expect(await preview(network, "n", { name: "n" })).toMatchObject({ name: "n", bridge: UNKNOWN });
    expect(await preview(pool, "p", { type: "dir", target: { path: "/p" } })).toMatchObject({ path: "/p" });
    expect(await preview(pool, "p", { type: "dir", path: UNKNOWN })).toMatchObject({ path: UNKNOWN });
    expect(await preview(volume, "v", { name: "v", size: 512, pool: "p" })).toMatchObject({
      format: "qcow2",
      size: 512,
      pool: "p",
    });
  });

  it("knows that an address is not known before its lease, and keeps it afterwards", async () => {
    const networkInterfaces = [{ networkName: "n", waitForLease: true }, { networkName: "m" }];
    const made = await preview(domain, "d", { name: "d", networkInterfaces });
    expect(made["networkInterfaces"]).toMatchObject([{ networkName: "n", addresses: UNKNOWN }, { networkName: "m" }]);
    expect(made["networkInterfaces"]).not.toMatchObject([{}, { addresses: expect.anything() }]);
    const off = await preview(domain, "d", { name: "d", networkInterfaces, running: false });
    expect(off["networkInterfaces"]).not.toMatchObject([{ addresses: expect.anything() }, {}]);
    const state = { name: "d", networkInterfaces: [{ ...networkInterfaces[0], addresses: ["10.0.0.9"] }] };
    const changed = await previewUpdate(domain, "d", { name: "d", networkInterfaces, description: "more" }, state);
    expect(changed?.["networkInterfaces"]).toMatchObject([{ addresses: ["10.0.0.9"] }, {}]);
    const seen = await read(domain, "d", { id: "an-id", inputs: {}, state });
    expect(seen?.outputs).toEqual(state);
  });

  it("keeps the state of what cannot be looked at, and says so", async () => {
    const said: string[] = [];
    const made = { id: "an-id", inputs: {}, state: { name: "d", instance: "0123" } };
    expect(await read(domain, "d", made, said)).toEqual({ id: "an-id", inputs: {}, outputs: made.state });
    expect(said).toEqual([expect.stringContaining("uri is not known")]);
  });
});

describe("a change", () => {
  it.each<readonly [string, Resource, Readonly<Record<string, Cost>>]>([
    ["network", network, NETWORK_CHANGES],
    ["pool", pool, POOL_CHANGES],
    ["volume", volume, VOLUME_CHANGES],
    ["cloud-init disk", cloudInitDisk, CLOUD_INIT_DISK_CHANGES],
    ["domain", domain, DOMAIN_CHANGES],
  ])("of a %s's property replaces it where the table says so, and nowhere else", async (_name, resource, costs) => {
    const context = { urn: "", name: "", type: "", id: "", state: {}, report: () => Promise.resolve() };
    const replacingAlone = async (property: string): Promise<boolean> => {
      const [oldInputs, inputs] = [{ [property]: "one" }, { [property]: "two" }];
      const changes = (await resource.diff?.({ ...context, oldInputs, inputs })) ?? differences(oldInputs, inputs);
      const [change, ...others] = changes.filter(({ path }) => path === property);
      if (change === undefined || others.length > 0) throw new Error(`${property}: ${JSON.stringify(changes)}`);
      return replacesBy(resource, change);
    };
    for (const [property, cost] of Object.entries(costs)) {
      expect([property, await replacingAlone(property)]).toEqual([property, cost === "replace"]);
    }
  });

  it("of an unknown value replaces where a known one would", () => {
    expect(replacing(domain, { name: "a" }, { name: UNKNOWN })).toEqual(["name"]);
    expect(replacing(domain, { kernel: "/a" }, { kernel: UNKNOWN })).toEqual([]);
  });

  it("of DNS and DHCP entries is in place, of the rest of DNS it is not", () => {
    const dns = { enabled: true, localOnly: true, hosts: [{ hostname: "a", ip: "10.0.0.1" }] };
    const more = { ...dns, hosts: [...dns.hosts, { hostname: "b", ip: "10.0.0.2" }] };
    expect(replacing(network, { dns, dhcpHosts: [] }, { dns: more, dhcpHosts: [{ mac: "m", ip: "i" }] })).toEqual([]);
    expect(replacing(network, { dns }, { dns: { ...dns, localOnly: false } })).toEqual(["dns.localOnly"]);
  });

  it("of `waitForLease` is in place, of the rest of an interface it is not", async () => {
    const plain = { networkName: "n" };
    const leased = { networkInterfaces: [{ ...plain, addresses: ["10.0.0.5"] }] };
    const context = { urn: "", name: "", type: "", id: "", state: leased, report: () => Promise.resolve() };
    const diff = async (more: Properties) =>
      domain.diff?.({
        ...context,
        oldInputs: { networkInterfaces: [plain] },
        inputs: { networkInterfaces: [{ ...plain, ...more }] },
      });
    expect(await diff({ waitForLease: true })).toEqual([
      { path: "networkInterfaces[0].waitForLease", kind: "ADD", replaces: false },
    ]);
    expect(await diff({ mac: "m" })).toEqual([{ path: "networkInterfaces[0].mac", kind: "ADD" }]);
  });

  it("of a volume's size replaces only when it shrinks", async () => {
    const context = { urn: "", name: "", type: "", id: "", state: {}, report: () => Promise.resolve() };
    const diff = async (before: number, after: unknown) =>
      volume.diff?.({ ...context, oldInputs: { size: before }, inputs: { size: after } });
    expect(await diff(1, 2)).toEqual([{ path: "size", kind: "UPDATE" }]);
    expect(await diff(2, 1)).toEqual([{ path: "size", kind: "UPDATE", replaces: true }]);
  });
});

describe("the provider", () => {
  it("takes its URI from its configuration, else from the environment, else libvirt's own", () => {
    expect(uriOf({ uri: "qemu:///session" }, { LIBVIRT_DEFAULT_URI: "x" })).toBe("qemu:///session");
    expect(uriOf({}, { LIBVIRT_DEFAULT_URI: "qemu:///session" })).toBe("qemu:///session");
    expect(uriOf({}, {})).toBe("qemu:///system");
    expect(uriOf({}, { LIBVIRT_DEFAULT_URI: "" })).toBe("qemu:///system");
    expect(checkConfig({ uri: UNKNOWN, url: "x" }).failures?.map(({ property }) => property)).toEqual(["url"]);
  });

  it("is another libvirt at another address, and the same one by another key", () => {
    const uri = "qemu+ssh://host/system?keyfile=/a";
    expect(configChanges({ uri }, { uri })).toEqual([]);
    expect(configChanges({ uri }, { uri: "qemu+ssh://host/system?known_hosts=/b" })).toMatchObject([
      { path: "uri", replaces: false },
    ]);
    expect(configChanges({ uri }, { uri: "qemu+ssh://other/system?keyfile=/a" })).toMatchObject([
      { path: "uri", replaces: true },
    ]);
  });
});
