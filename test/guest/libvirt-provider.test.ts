import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DOMAIN_CHANGES, NETWORK_CHANGES, VOLUME_CHANGES, type Cost } from "../../plan/libvirt/property-changes";
import type { Properties } from "../../providers/kit/resource";
import { domain } from "../../providers/libvirt/domain";
import { network } from "../../providers/libvirt/network";
import { pool } from "../../providers/libvirt/pool";
import { volume } from "../../providers/libvirt/volume";
import { startLibvirtHost, type LibvirtHost } from "../fixtures/libvirt-host";
import { create, read, refresh, remove, update } from "../fixtures/libvirt-resources";

/** The provider's resources against a real libvirtd: what they make, change, see and remove. No guest system is needed. */

const MINUTE = 60_000;

/** A busy machine takes seconds for what takes none on a quiet one. */
jest.setTimeout(2 * MINUTE);
const MIB = 2 ** 20;

let host: LibvirtHost;
const virsh: LibvirtHost["virsh"] = (...args) => host.virsh(...args);

beforeAll(async () => {
  host = await startLibvirtHost();
}, MINUTE);

afterAll(async () => host.remove(), MINUTE);

const STACK = { stackId: "c0ffee" };
const networkArgs = {
  name: "net-a",
  mode: "none",
  bridge: "rktest0",
  addresses: ["10.99.1.0/24"],
  dhcpHosts: [{ mac: "52:54:00:00:00:01", ip: "10.99.1.10", name: "a" }],
  dns: { hosts: [{ hostname: "a", ip: "10.99.1.10" }] },
  ...STACK,
};
const domainArgs = (more: Properties = {}): Properties => ({
  name: "dom-a",
  type: "qemu",
  memory: 64,
  vcpu: 1,
  networkInterfaces: [],
  ...STACK,
  ...more,
});

/** Metadata and definition, without what libvirt numbers anew at every start. */
const inactive = (name: string): string => virsh("dumpxml", "--inactive", name);

describe("a network", () => {
  afterEach(() => {
    for (const name of virsh("net-list", "--all", "--name").split("\n").filter(Boolean)) {
      execFileSync("sh", [
        "-c",
        `virsh -q -c '${host.uri}' net-destroy ${name} 2>/dev/null; virsh -q -c '${host.uri}' net-undefine ${name}`,
      ]);
    }
  });

  it("is made, takes entries while it runs, is unchanged by a refresh, and goes", async () => {
    const made = await create(network, "n", networkArgs);
    expect(made.state["bridge"]).toBe("rktest0");
    const second = { mac: "52:54:00:00:00:02", ip: "10.99.1.20", name: "b" };
    const wanted = {
      ...networkArgs,
      dhcpHosts: [...networkArgs.dhcpHosts, second],
      dns: { hosts: [...networkArgs.dns.hosts, { hostname: "b", ip: "10.99.1.20" }] },
    };
    const before = virsh("net-info", "net-a");
    const changed = await update(network, "n", made, wanted);
    expect(virsh("net-dumpxml", "net-a")).toContain("<host mac='52:54:00:00:00:02' name='b' ip='10.99.1.20'/>");
    expect(virsh("net-dumpxml", "--inactive", "net-a")).toContain("52:54:00:00:00:02");
    expect(virsh("net-info", "net-a")).toBe(before);
    expect(await refresh(network, "n", changed)).toEqual({ made: changed, changes: [] });
    const back = await update(network, "n", changed, networkArgs);
    expect(virsh("net-dumpxml", "net-a")).not.toContain("52:54:00:00:00:02");
    await remove(network, "n", back);
    expect(virsh("net-list", "--all", "--name")).toBe("");
    expect(await read(network, "n", back)).toBeUndefined();
  });

  it("of somebody else's is refused with its owner's name, and not touched", async () => {
    await create(network, "n", networkArgs);
    const before = virsh("net-dumpxml", "net-a");
    await expect(create(network, "n", { ...networkArgs, stackId: "beef" })).rejects.toThrow(
      "that of stack trial of project replikube, id c0ffee",
    );
    await expect(create(network, "n", { ...networkArgs, stackId: undefined })).rejects.toThrow("exists already");
    expect(virsh("net-dumpxml", "net-a")).toBe(before);
  });

  it("whose start fails is not defined either", async () => {
    await create(network, "n", networkArgs);
    // The bridge is taken by the first.
    const second = { ...networkArgs, name: "net-b", addresses: ["10.99.2.0/24"], dhcpHosts: [] };
    await expect(create(network, "m", second)).rejects.toThrow(/rktest0[^]*network's property bridge/);
    expect(virsh("net-list", "--all", "--name")).toBe("net-a");
  });
});

describe("a pool with its volumes", () => {
  it("is made, carries its mark, holds an overlay that grows, and leaves no file behind", async () => {
    const path = host.inFolder("pool");
    const made = await create(pool, "p", { name: "pool-a", type: "dir", path, ...STACK });
    const base = await create(volume, "b", { name: "base.qcow2", pool: "pool-a", size: 8 * MIB, ...STACK });
    const args = { name: "over.qcow2", pool: "pool-a", baseFile: base.id, size: 8 * MIB, ...STACK };
    const over = await create(volume, "o", args);
    expect(over.id).toBe(join(path, "over.qcow2"));
    expect(virsh("vol-dumpxml", "over.qcow2", "--pool", "pool-a")).toContain(`<path>${base.id}</path>`);
    const shared = await update(volume, "o", over, { ...args, shared: true });
    expect(await refresh(volume, "o", shared)).toEqual({ made: shared, changes: [] });
    expect(shared.state["instance"]).toBe(over.state["instance"]);
    const grown = await update(volume, "o", over, { ...args, size: 16 * MIB });
    expect((await read(volume, "o", grown))?.outputs["size"]).toBe(16 * MIB);
    expect(await refresh(pool, "p", made)).toEqual({ made, changes: [] });
    await expect(create(pool, "p", { name: "pool-a", type: "dir", path, stackId: "beef" })).rejects.toThrow("c0ffee");
    await expect(create(volume, "o", { ...args, stackId: "beef" })).rejects.toThrow("c0ffee");
    await remove(volume, "o", grown);
    await remove(volume, "b", base);
    await remove(pool, "p", made);
    expect(virsh("pool-list", "--all", "--name")).toBe("");
    expect(existsSync(path)).toBe(false);
  });
});

describe("a domain", () => {
  afterEach(() => {
    for (const name of virsh("list", "--all", "--name").split("\n").filter(Boolean)) {
      execFileSync("sh", [
        "-c",
        `virsh -q -c '${host.uri}' destroy ${name} 2>/dev/null; virsh -q -c '${host.uri}' undefine ${name}`,
      ]);
    }
  });

  it("is made with a mark, is unchanged by a refresh, and goes with everything of it", async () => {
    const made = await create(domain, "d", domainArgs({ credentials: { "system.hostname": "a" }, qemuAgent: true }));
    expect(virsh("domstate", "dom-a")).toBe("running");
    expect(inactive("dom-a")).toContain('mark="c0ffee/replikube/trial/');
    expect(inactive("dom-a")).toContain("io.systemd.credential.binary:system.hostname=YQ==");
    expect(await refresh(domain, "d", made)).toEqual({ made, changes: [] });
    await remove(domain, "d", made);
    expect(virsh("list", "--all", "--name")).toBe("");
    expect(await read(domain, "d", made)).toBeUndefined();
  });

  it("whose start fails leaves nothing, and says what virsh says", async () => {
    const missing = domainArgs({ disks: [{ file: "/nowhere/disk.qcow2" }] });
    await expect(create(domain, "d", missing)).rejects.toThrow("/nowhere/disk.qcow2");
    expect(virsh("list", "--all", "--name")).toBe("");
  });

  it("that a killed creation defined is taken over, with the instance that it has", async () => {
    const made = await create(domain, "d", domainArgs());
    const again = await create(domain, "d", domainArgs());
    expect(again.state["instance"]).toBe(made.state["instance"]);
    expect(again.id).toBe(made.id);
    await expect(create(domain, "other", domainArgs())).rejects.toThrow("exists already");
    await expect(create(domain, "d", domainArgs({ stackId: "beef" }))).rejects.toThrow("id c0ffee");
  });

  it("is not removed when it became somebody else's", async () => {
    const made = await create(domain, "d", domainArgs());
    const foreign = { ...made, state: { ...made.state, stackId: "beef" } };
    await expect(remove(domain, "d", foreign)).rejects.toThrow("it was not removed");
    expect(virsh("list", "--all", "--name")).toBe("dom-a");
  });
});

/** For every property a changed value, and what of the XML it changes. */
const DOMAIN_SAMPLES: Readonly<Record<string, { readonly value: unknown; readonly shows: string }>> = {
  description: { value: "two", shows: "<description>two</description>" },
  vcpu: { value: 2, shows: ">2</vcpu>" },
  memory: { value: 96, shows: "<memory unit='KiB'>98304</memory>" },
  cpu: { value: { mode: "maximum", disabledFeatures: ["cx16"] }, shows: "<feature policy='disable' name='cx16'/>" },
  emulator: { value: "/usr/bin/qemu-system-x86_64", shows: "<emulator>/usr/bin/qemu-system-x86_64</emulator>" },
  bootDevices: { value: [{ devs: ["network", "hd"] }], shows: "<boot dev='network'/>" },
  consoles: { value: [{ type: "pty", targetPort: "0" }], shows: "<serial type='pty'>" },
  qemuAgent: { value: true, shows: "org.qemu.guest_agent.0" },
  autostart: { value: true, shows: "" },
  applyOnNextStart: { value: true, shows: "" },
  running: { value: false, shows: "" },
};

/** What needs files that no guest here has; their texts are held by the golden test. */
const NOT_STARTED_HERE = ["kernel", "initrd", "cmdlines"];

const changing = (changes: Readonly<Record<string, Cost>>): readonly string[] =>
  Object.entries(changes)
    .filter(([, cost]) => cost !== "replace")
    .map(([property]) => property);

it("has a sample for every property of a domain that changes without a new one", () => {
  expect([...Object.keys(DOMAIN_SAMPLES), ...NOT_STARTED_HERE].toSorted()).toEqual(changing(DOMAIN_CHANGES).toSorted());
  expect(changing(NETWORK_CHANGES).toSorted()).toEqual(["autostart", "dhcpHosts"]);
  expect(changing(VOLUME_CHANGES).toSorted()).toEqual(["shared", "size"]);
});

it.each(Object.entries(DOMAIN_SAMPLES))(
  "a domain's %s changes in place or by a restart, as the table says",
  async (property, { value, shows }) => {
    const name = `dom-${property.toLowerCase()}`;
    const before = domainArgs({ name });
    const made = await create(domain, property, before);
    const wasRunning = virsh("domid", name);
    const after = { ...before, [property]: value };
    const changed = await update(domain, property, made, after);
    expect(inactive(name)).toContain(shows);
    expect(changed.state["instance"]).toBe(made.state["instance"]);
    const isSameRun = virsh("domstate", name) === "running" && virsh("domid", name) === wasRunning;
    const inPlace = Reflect.get(DOMAIN_CHANGES, property) === "in place" && property !== "running";
    expect(isSameRun).toBe(inPlace);
    expect(await refresh(domain, property, changed)).toEqual({ made: changed, changes: [] });
    await remove(domain, property, changed);
    expect(virsh("list", "--all", "--name")).toBe("");
  },
  4 * MINUTE,
);

it("a change that waits for the next start leaves the running guest alone, and comes with that start", async () => {
  const before = domainArgs({ name: "dom-waits", applyOnNextStart: true });
  const made = await create(domain, "waits", before);
  const wasRunning = virsh("domid", "dom-waits");
  const changed = await update(domain, "waits", made, { ...before, memory: 96 });
  expect(virsh("domid", "dom-waits")).toBe(wasRunning);
  expect(virsh("dominfo", "dom-waits")).toMatch(/Max memory: +65536 KiB/);
  virsh("destroy", "dom-waits");
  virsh("start", "dom-waits");
  expect(virsh("dominfo", "dom-waits")).toMatch(/Max memory: +98304 KiB/);
  await remove(domain, "waits", changed);
});
