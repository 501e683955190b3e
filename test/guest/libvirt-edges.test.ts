import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { configure } from "../../providers/libvirt/connection";
import { domain } from "../../providers/libvirt/domain";
import { network } from "../../providers/libvirt/network";
import { pool } from "../../providers/libvirt/pool";
import { volume } from "../../providers/libvirt/volume";
import { startLibvirtHost, type LibvirtHost } from "../fixtures/libvirt-host";
import { create, read, refresh, remove, update } from "../fixtures/libvirt-resources";

/** What the libvirt provider does where things went wrong before: killed creations, others' objects, a lost libvirt. */

const MINUTE = 60_000;

/** A busy machine takes seconds for what takes none on a quiet one. */
jest.setTimeout(2 * MINUTE);
const MIB = 2 ** 20;

let host: LibvirtHost;
const virsh: LibvirtHost["virsh"] = (...args) => host.virsh(...args);
const names: LibvirtHost["names"] = (...args) => host.names(...args);
const define: LibvirtHost["define"] = (verb, xml) => host.define(verb, xml);
const idOf = (name: string): string => virsh("domid", name);

beforeAll(async () => {
  host = await startLibvirtHost();
}, MINUTE);

// One of the tests talks to a libvirt that is lost.
beforeEach(() => configure({ uri: host.uri }));

afterEach(() => host.clear());

afterAll(async () => host.remove(), MINUTE);

const STACK = { stackId: "c0ffee" };
const domainArgs = { name: "guest", type: "qemu", memory: 64, ...STACK };
const networkArgs = { name: "net", mode: "none", addresses: ["10.99.1.0/24"], ...STACK };
const markInFolder = (): string => readFileSync(host.inFolder("pool/replikube-mark"), "utf8");
const poolArgs = () => ({ name: "pool", type: "dir", path: host.inFolder("pool"), ...STACK });

describe("a domain", () => {
  it("takes the id of a network, the format of a volume, and keeps the address that was chosen for it", async () => {
    const net = await create(network, "n", networkArgs);
    await create(pool, "p", poolArgs());
    const disk = await create(volume, "v", { name: "data", pool: "pool", format: "raw", size: MIB, ...STACK });
    const args = { ...domainArgs, disks: [{ volumeId: disk.id }], networkInterfaces: [{ networkId: net.id }] };
    const made = await create(domain, "d", args);
    const xml = virsh("dumpxml", "--inactive", "guest");
    expect(xml).toContain("<source network='net'/>");
    expect(xml).toContain("<driver name='qemu' type='raw' cache='writeback'/>");
    const changed = await update(domain, "d", made, { ...args, description: "a word" });
    const mac = /<mac address='[^']+'\/>/;
    expect(virsh("dumpxml", "--inactive", "guest").match(mac)?.[0]).toBe(xml.match(mac)?.[0] ?? "none");
    expect(virsh("desc", "guest")).toBe("a word");
    await update(domain, "d", changed, args);
    expect(virsh("dumpxml", "guest")).not.toContain("<description>");
  });

  it("names the property that kept it from starting, and leaves nothing", async () => {
    const args = { ...domainArgs, kernel: "/nowhere/vmlinuz", initrd: "/nowhere/vmlinuz.initrd" };
    await expect(create(domain, "d", args)).rejects.toThrow("look at the domain's property kernel");
    expect(names("list", "--all", "--name")).toEqual([]);
    await expect(
      create(domain, "d", { ...domainArgs, networkInterfaces: [{ networkName: "none-such" }] }),
    ).rejects.toThrow("networkInterfaces[0].networkName");
    expect(names("list", "--all", "--name")).toEqual([]);
  });

  it("of a killed creation goes on when it is as wanted, and starts anew when it is not", async () => {
    const first = await create(domain, "d", domainArgs);
    const run = idOf("guest");
    await create(domain, "d", domainArgs);
    expect(idOf("guest")).toBe(run);
    const again = await create(domain, "d", { ...domainArgs, vcpu: 2 });
    expect(idOf("guest")).not.toBe(run);
    expect(virsh("dumpxml", "guest")).toContain(">2</vcpu>");
    expect(again.state["instance"]).toBe(first.state["instance"]);
  });

  it("that somebody made anew under its name is gone for a refresh, and is not removed", async () => {
    const made = await create(domain, "d", domainArgs);
    virsh("destroy", "guest");
    virsh("undefine", "guest");
    define("define", "<domain type='qemu'><name>guest</name><memory>65536</memory><os><type>hvm</type></os></domain>");
    expect(await read(domain, "d", made)).toBeUndefined();
    await expect(remove(domain, "d", made)).rejects.toThrow("it was not removed");
    const { stackId: _, ...unmarked } = made.state;
    await expect(remove(domain, "d", { ...made, state: unmarked })).rejects.toThrow("it was not removed");
    expect(names("list", "--all", "--name")).toEqual(["guest"]);
  });

  it("that nobody marked, made without a stackId, goes by its UUID", async () => {
    const made = await create(domain, "d", { name: "guest", type: "qemu", memory: 64 });
    await remove(domain, "d", made);
    expect(names("list", "--all", "--name")).toEqual([]);
  });

  it("is shut off and started again as `running` says, and makes the folder of its console", async () => {
    const log = host.inFolder("logs/console.log");
    const args = { ...domainArgs, consoles: [{ type: "file", targetPort: "0", sourcePath: log }] };
    const made = await create(domain, "d", args);
    expect(existsSync(log)).toBe(true);
    const off = await update(domain, "d", made, { ...args, running: false });
    expect(virsh("domstate", "guest")).toBe("shut off");
    await update(domain, "d", off, args);
    expect(virsh("domstate", "guest")).toBe("running");
  });
});

describe("a lost libvirt", () => {
  it("fails no refresh: what is known stays, and it is said", async () => {
    const made = await create(domain, "d", domainArgs);
    configure({ uri: `qemu+unix:///system?socket=${host.inFolder("no-socket")}` });
    const said: string[] = [];
    expect((await read(domain, "d", made, said))?.outputs).toEqual(made.state);
    expect(said).toEqual([expect.stringContaining("no-socket")]);
  });
});

const dhcpHost = (mac: string, ip: string) => ({ mac: `52:54:00:AA:00:0${mac}`, ip: `10.99.1.${ip}`, name: `h${ip}` });
const hosts = (...all: string[]) => ({ hosts: all.map((hostname) => ({ hostname, ip: "10.99.1.9" })) });

describe("a network", () => {
  it("without DNS carries its mark too, and is unchanged by a refresh", async () => {
    const made = await create(network, "n", { ...networkArgs, dns: { enabled: false } });
    expect((await refresh(network, "n", made)).changes).toEqual([]);
    await expect(create(network, "n", { ...networkArgs, stackId: "beef" })).rejects.toThrow("id c0ffee");
    await remove(network, "n", made);
    expect(names("net-list", "--all", "--name")).toEqual([]);
  });

  it("changes names of one address, and entries that swap, without a restart", async () => {
    const made = await create(network, "n", {
      ...networkArgs,
      dhcpHosts: [dhcpHost("1", "5"), dhcpHost("2", "6")],
      dns: hosts("a"),
    });
    const wanted = { ...networkArgs, dhcpHosts: [dhcpHost("1", "6"), dhcpHost("2", "5")], dns: hosts("a", "b") };
    const changed = await update(network, "n", made, wanted);
    for (const xml of [virsh("net-dumpxml", "net"), virsh("net-dumpxml", "--inactive", "net")]) {
      expect(xml).toContain("<hostname>b</hostname>");
      expect(xml).toContain("<host mac='52:54:00:AA:00:01' name='h6' ip='10.99.1.6'/>");
    }
    expect((await refresh(network, "n", changed)).changes).toEqual([]);
    await update(network, "n", changed, networkArgs);
    expect(virsh("net-dumpxml", "net")).not.toMatch(/<host /);
  });

  it("with two blocks gives leases in the first", async () => {
    await create(network, "n", { ...networkArgs, addresses: ["10.99.1.0/24", "10.99.2.0/28"] });
    expect(virsh("net-dumpxml", "net").match(/<range /g)).toHaveLength(1);
  });
});

describe("a pool", () => {
  it("that was killed before its mark was written is taken over by its UUID, another's is not", async () => {
    const made = await create(pool, "p", poolArgs());
    virsh("vol-delete", "--pool", "pool", "replikube-mark");
    await expect(create(pool, "p", { ...poolArgs(), stackId: "beef" })).rejects.toThrow("exists already");
    virsh("pool-destroy", "pool");
    const again = await create(pool, "p", poolArgs());
    expect(again.id).toBe(made.id);
    expect(virsh("vol-list", "pool")).toContain("replikube-mark");
  });

  it("of nobody's, empty and in the same place, is neither taken over nor removed", async () => {
    const { path } = poolArgs();
    mkdirSync(path);
    define("pool-define", `<pool type='dir'><name>pool</name><target><path>${path}</path></target></pool>`);
    virsh("pool-start", "pool");
    await expect(create(pool, "p", poolArgs())).rejects.toThrow("exists already");
    const claimed = { id: "another-uuid", inputs: poolArgs(), state: poolArgs() };
    await expect(remove(pool, "p", claimed)).rejects.toThrow("it was not removed");
    expect(await read(pool, "p", claimed)).toBeUndefined();
    expect(names("pool-list", "--name")).toEqual(["pool"]);
  });

  it("in a folder that another stack has marked, by another libvirt, is refused, and the folder stays theirs", async () => {
    await create(pool, "p", { ...poolArgs(), name: "theirs", stackId: "beef" });
    // The other libvirt's definition is not seen here; its files are.
    virsh("pool-destroy", "theirs");
    virsh("pool-undefine", "theirs");
    const theirs = markInFolder();
    await expect(create(pool, "p", poolArgs())).rejects.toThrow(/the pool in .* exists already and is .*beef/);
    expect(names("pool-list", "--all", "--name")).toEqual([]);
    expect(markInFolder()).toBe(theirs);
  });

  it("leaves what others put into its folder", async () => {
    const made = await create(pool, "p", poolArgs());
    writeFileSync(host.inFolder("pool/others"), "text");
    await remove(pool, "p", made);
    expect(names("pool-list", "--all", "--name")).toEqual([]);
    expect(existsSync(host.inFolder("pool/others"))).toBe(true);
  });
});

describe("a volume", () => {
  const disk = { name: "disk.qcow2", pool: "pool", size: 8 * MIB, ...STACK };

  it("grows while its domain runs", async () => {
    await create(pool, "p", poolArgs());
    const made = await create(volume, "v", disk);
    await create(domain, "d", { ...domainArgs, disks: [{ volumeId: made.id }] });
    const grown = await update(volume, "v", made, { ...disk, size: 16 * MIB });
    expect((await read(volume, "v", grown))?.outputs["size"]).toBe(16 * MIB);
    expect(virsh("domblkinfo", "guest", "vda")).toContain(String(16 * MIB));
  });

  it("is not made anew under a running domain, and its removal switches off the rest of a killed creation", async () => {
    await create(pool, "p", poolArgs());
    const made = await create(volume, "v", disk);
    await create(domain, "d", { ...domainArgs, disks: [{ volumeId: made.id }] });
    await expect(create(volume, "v", disk)).rejects.toThrow("is a disk of domain guest");
    await remove(volume, "v", made);
    expect(virsh("domstate", "guest")).toBe("shut off");
    expect(existsSync(made.id)).toBe(false);
  });

  it("takes the content of a file, and the size that is wanted", async () => {
    await create(pool, "p", poolArgs());
    const source = host.inFolder("source.qcow2");
    execFileSync("qemu-img", ["create", "-q", "-f", "qcow2", source, "4M"]);
    const own = await create(volume, "v", { name: "own", pool: "pool", source, ...STACK }, { timeoutSeconds: 60 });
    expect(own.state["size"]).toBe(4 * MIB);
    const bigger = await create(volume, "w", { ...disk, source }, { timeoutSeconds: 60 });
    expect(bigger.state["size"]).toBe(8 * MIB);
    expect(virsh("vol-dumpxml", "disk.qcow2", "--pool", "pool")).toContain(`>${8 * MIB}</capacity>`);
    await expect(create(volume, "x", { ...disk, name: "x", source: "/nowhere" })).rejects.toThrow("/nowhere");
    expect(virsh("vol-list", "pool")).not.toContain(" x ");
  });

  it("takes its size from the file below when none is given", async () => {
    await create(pool, "p", poolArgs());
    const base = await create(volume, "b", disk);
    const over = await create(volume, "o", { name: "over", pool: "pool", baseVolumeName: "disk.qcow2", ...STACK });
    expect(over.state["size"]).toBe(8 * MIB);
    expect(virsh("vol-dumpxml", "over", "--pool", "pool")).toContain(base.id);
  });
});
