import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import type { Properties, Resource } from "../../providers/kit/resource";
import { configure } from "../../providers/libvirt/connection";
import { domain } from "../../providers/libvirt/domain";
import { network } from "../../providers/libvirt/network";
import { pool } from "../../providers/libvirt/pool";
import { volume } from "../../providers/libvirt/volume";
import { hostOfTestFile } from "../fixtures/libvirt-host";
import { create, read, refresh, update, type Made } from "../fixtures/libvirt-resources";
import { diskArgs, networkArgs, poolArgsIn, STACK } from "../fixtures/stack-objects";

/** Networks, volumes and pools that were changed behind the provider's back. A real libvirtd, no guest. */

const MINUTE = 60_000;
jest.setTimeout(2 * MINUTE);

const { host, virsh, inFolder } = hostOfTestFile();

const editNetwork = (change: (xml: string) => string): void => host().edit("network", "net", change);

const editRunning = (change: (xml: string) => string): void => {
  editNetwork(change);
  virsh("net-destroy", "net");
  virsh("net-start", "net");
};

const poolArgs = () => poolArgsIn(inFolder("pool"));
const over = () => ({ ...diskArgs, baseFile: inFolder("pool/base.qcow2") });

describe("a network", () => {
  it("that nobody touched has no drift, also by the defaults alone", async () => {
    const bare = { name: "bare", addresses: ["10.99.7.0/24"] };
    const odd = {
      name: "odd",
      addresses: ["10.99.8.0/29", "10.99.9.0/24"],
      dns: { enabled: false },
      mtu: 1400,
      ...STACK,
    };
    for (const args of [networkArgs, bare, odd]) {
      const made = await create(network, args.name, args);
      expect(await refresh(network, args.name, made)).toEqual({ made, changes: [] });
      const again = await update(network, args.name, made, args);
      expect(await refresh(network, args.name, again)).toEqual({ made, changes: [] });
    }
  });

  it.each<readonly [string, (xml: string) => string, string]>([
    ["its way out", (xml) => xml.replace("<bridge", "<forward mode='nat'/><bridge"), "will start with another mode"],
    [
      "its block",
      (xml) => xml.replaceAll("10.99.1.", "10.99.2."),
      "will start with another addresses[0], dns.hosts[0].ip",
    ],
    ["its domain", (xml) => xml.replace("lab.test", "other.test"), "will start with another domain"],
    ["dnsmasq's options", (xml) => xml.replace("option=3", "option=6"), "will start with another dnsmasqOptions"],
    [
      "its bandwidth",
      (xml) => xml.replace("<dns>", "<bandwidth><inbound average='1'/></bandwidth><dns>"),
      "has bandwidth",
    ],
    ["its dynamic addresses", (xml) => xml.replace("10.99.1.250", "10.99.1.200"), "another dhcp range"],
  ])("of which somebody stored %s otherwise is stored again while it runs", async (_title, change, words) => {
    const made = await create(network, "n", networkArgs);
    const before = virsh("net-dumpxml", "--inactive", "net");
    editNetwork(change);
    const seen = await refresh(network, "n", made);
    expect(seen.changes).toEqual(["definition"]);
    expect(seen.made.state["definition"]).toContain(words);
    const repaired = await update(network, "n", seen.made, networkArgs);
    expect(virsh("net-dumpxml", "--inactive", "net")).toBe(before);
    expect(await refresh(network, "n", repaired)).toEqual({ made, changes: [] });
  });

  it.each<readonly [string, (xml: string) => string, readonly string[]]>([
    ["another way out", (xml) => xml.replace("<bridge", "<forward mode='nat'/><bridge"), ["definition", "mode!"]],
    ["files to boot", (xml) => xml.replace("<dhcp>", "<tftp root='/tmp'/><dhcp>"), ["definition", "running!"]],
  ])("that runs with %s is made anew, as for such a change in the program", async (_title, change, paths) => {
    const made = await create(network, "n", networkArgs);
    editNetwork(change);
    virsh("net-destroy", "net");
    virsh("net-start", "net");
    expect((await refresh(network, "n", made)).changes).toEqual(paths);
  });

  it("whose change was undone by hand has no drift left", async () => {
    const made = await create(network, "n", networkArgs);
    editRunning((xml) => xml.replace("<bridge", "<forward mode='nat'/><bridge"));
    const seen = await refresh(network, "n", made);
    expect(seen.made.state["mode"]).toBe("nat");
    editRunning((xml) => xml.replace("<forward mode='nat'/>", ""));
    expect(await refresh(network, "n", seen.made)).toEqual({ made, changes: [] });
  });

  it("that was stopped, changed or not, is started in place as it should be", async () => {
    const made = await create(network, "n", networkArgs);
    virsh("net-destroy", "net");
    editNetwork((xml) => xml.replaceAll("10.99.1.", "10.99.2."));
    const seen = await refresh(network, "n", made);
    expect(seen.changes).toEqual([
      "active",
      "addresses[0]",
      "definition",
      "dhcpHosts[0].ip",
      "dns.hosts[0].ip",
      "dnsmasqOptions.options[0].optionValue",
    ]);
    const repaired = await update(network, "n", seen.made, networkArgs);
    expect(await refresh(network, "n", repaired)).toEqual({ made, changes: [] });
    expect(virsh("net-dumpxml", "net")).toContain("10.99.1.1");
  });

  it("whose running entries were changed has them back without a restart", async () => {
    const made = await create(network, "n", networkArgs);
    const run = virsh("net-dumpxml", "net");
    const live = (command: string, section: string, xml: string) =>
      virsh("net-update", "net", command, section, xml, "--live");
    live("add", "ip-dhcp-host", "<host mac='52:54:00:00:00:09' ip='10.99.1.77'/>");
    live("delete", "dns-host", "<host ip='10.99.1.5'/>");
    live("add", "dns-txt", "<txt name='other' value='text'/>");
    const seen = await refresh(network, "n", made);
    expect(seen.changes).toEqual(["definition", "dhcpHosts[1]", "dns.hosts[0]"]);
    const repaired = await update(network, "n", seen.made, networkArgs);
    expect(await refresh(network, "n", repaired)).toEqual({ made, changes: [] });
    expect(virsh("net-dumpxml", "net").length).toBe(run.length);
  });

  it("whose definition was taken away is kept again, and one without a mark is not touched", async () => {
    const made = await create(network, "n", networkArgs);
    virsh("net-undefine", "net");
    const seen = await refresh(network, "n", made);
    expect(seen.made.state["definition"]).toBe("is not kept: it goes when it stops");
    const repaired = await update(network, "n", seen.made, networkArgs);
    expect(await refresh(network, "n", repaired)).toEqual({ made, changes: [] });
    editNetwork((xml) => xml.replace(/<txt name='replikube'.*?\/>/s, ""));
    const foreign = await refresh(network, "n", made);
    expect(foreign.made.state["definition"]).toContain("has no mark of this stack");
    await expect(update(network, "n", foreign.made, networkArgs)).rejects.toThrow("it was not changed");
  });
});

const volumeChanges = async (made: Made): Promise<readonly string[]> => (await refresh(volume, "v", made)).changes;
const qemuImg = (...args: readonly string[]): Buffer =>
  execFileSync("qemu-img", args, { stdio: ["ignore", "ignore", "pipe"] });
const diskFile = (): string => inFolder("pool/disk.qcow2");

describe("a volume", () => {
  const base = { ...diskArgs, name: "base.qcow2" };
  const made = async (args: Properties): Promise<Made> => {
    await create(pool, "p", poolArgs());
    await create(volume, "b", base);
    return create(volume, "v", args);
  };
  it.each<readonly [string, () => Properties]>([
    ["alone", () => diskArgs],
    ["raw", () => ({ ...diskArgs, format: "raw" })],
    ["over a file", over],
    ["over a file, by its size", () => ({ ...over(), size: undefined })],
    ["over a volume", () => ({ ...diskArgs, baseVolumeName: "base.qcow2" })],
  ])("made %s and left alone has no drift", async (_title, args) => {
    const one = await made(args());
    expect(await refresh(volume, "v", one)).toEqual({ made: one, changes: [] });
  });

  it("that was removed is gone, whether libvirt knows it or not", async () => {
    const one = await made(over());
    rmSync(diskFile());
    expect(await read(volume, "v", one)).toBeUndefined();
    const again = await create(volume, "v", over());
    virsh("vol-delete", "disk.qcow2", "--pool", "pool");
    expect(await read(volume, "v", again)).toBeUndefined();
  });

  it("that grew or shrank is told; only one that is too small goes on", async () => {
    const one = await made(diskArgs);
    qemuImg("resize", "-q", diskFile(), "16M");
    expect(await volumeChanges(one)).toEqual(["size!"]);
    qemuImg("resize", "-q", "--shrink", diskFile(), "4M");
    const seen = await refresh(volume, "v", one);
    expect(seen.changes).toEqual(["size"]);
    expect(await volumeChanges(await update(volume, "v", seen.made, diskArgs))).toEqual([]);
  });

  it("over another file, or of another format, is another disk", async () => {
    const one = await made(over());
    qemuImg("create", "-q", "-f", "qcow2", inFolder("pool/other.qcow2"), "8M");
    qemuImg("rebase", "-q", "-u", "-b", inFolder("pool/other.qcow2"), "-F", "qcow2", diskFile());
    const seen = await refresh(volume, "v", one);
    expect(seen.changes).toEqual(["baseFile!"]);
    expect(seen.made.state["baseFile"]).toBe(inFolder("pool/other.qcow2"));
    qemuImg("create", "-q", "-f", "raw", diskFile(), "8M");
    virsh("pool-refresh", "pool");
    expect(await volumeChanges(one)).toEqual(["baseFile!", "format!"]);
  });

  it("stays where it was when libvirt lost its pool, and is gone when its folder is", async () => {
    const one = await made(over());
    virsh("pool-destroy", "pool");
    const said: string[] = [];
    expect((await refresh(volume, "v", one, said)).changes).toEqual([]);
    expect(said).toEqual([expect.stringContaining("is not active")]);
    virsh("pool-undefine", "pool");
    expect((await refresh(volume, "v", one, said)).changes).toEqual([]);
    expect(said[1]).toBe("libvirt lost it with its pool pool; it is taken to be where it was");
    rmSync(inFolder("pool"), { recursive: true });
    expect(await read(volume, "v", one)).toBeUndefined();
  });
});

describe("a pool", () => {
  it("that nobody touched has no drift", async () => {
    const made = await create(pool, "p", poolArgs());
    expect(await refresh(pool, "p", made)).toEqual({ made, changes: [] });
  });

  it.each<readonly [string, () => void, readonly string[]]>([
    ["was stopped", () => virsh("pool-destroy", "pool"), ["active"]],
    [
      "is not kept",
      () => {
        virsh("pool-destroy", "pool");
        virsh("pool-undefine", "pool");
        virsh("pool-create-as", "pool", "dir", "--target", inFolder("pool"));
      },
      ["definition"],
    ],
    ["lost its mark", () => virsh("vol-delete", "replikube-mark", "--pool", "pool"), ["definition"]],
    [
      "was put elsewhere",
      () => {
        virsh("pool-destroy", "pool");
        host().edit("pool", "pool", (xml) => xml.replace("/pool</path>", "/elsewhere</path>"));
        virsh("pool-build", "pool");
        virsh("pool-start", "pool");
      },
      ["definition", "path"],
    ],
  ])("that %s is put right, with what lies in it", async (_title, change, paths) => {
    const made = await create(pool, "p", poolArgs());
    const disk = await create(volume, "v", diskArgs);
    change();
    const seen = await refresh(pool, "p", made);
    expect(seen.changes).toEqual(paths);
    const repaired = await update(pool, "p", seen.made, poolArgs());
    expect((await refresh(pool, "p", repaired)).changes).toEqual([]);
    expect((await refresh(volume, "v", disk)).changes).toEqual([]);
  });
});

it("is only said of a libvirt that cannot be asked: what is known stays", async () => {
  const others: readonly (readonly [Resource, Made])[] = [
    [domain, await create(domain, "x", { name: "guest", type: "qemu", memory: 64 })],
    [network, await create(network, "x", networkArgs)],
    [pool, await create(pool, "x", poolArgs())],
    [volume, await create(volume, "x", diskArgs)],
  ];
  configure({ uri: `qemu+unix:///system?socket=${inFolder("no-socket")}` });
  try {
    for (const [resource, made] of others) {
      const said: string[] = [];
      expect(await refresh(resource, "x", made, said)).toEqual({ made, changes: [] });
      expect(said).toEqual([expect.stringContaining("no-socket")]);
    }
  } finally {
    configure({ uri: host().uri });
  }
});
