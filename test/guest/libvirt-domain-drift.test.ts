import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import type { Properties } from "../../providers/kit/resource";
import { domain } from "../../providers/libvirt/domain";
import { network } from "../../providers/libvirt/network";
import { pool } from "../../providers/libvirt/pool";
import { volume } from "../../providers/libvirt/volume";
import { hostOfTestFile } from "../fixtures/libvirt-host";
import { create, refresh, remove, update, type Made } from "../fixtures/libvirt-resources";
import { diskArgs, networkArgs, poolArgsIn, STACK } from "../fixtures/stack-objects";

/** A domain that was changed behind the provider's back: seen by a refresh, and repaired by the next up. A real libvirtd, no guest system. */

const MINUTE = 60_000;
jest.setTimeout(2 * MINUTE);

const { host, virsh, inFolder } = hostOfTestFile();

const editDomain = (change: (xml: string) => string): void => host().edit("domain", "guest", change);

const poolArgs = () => poolArgsIn(inFolder("pool"));

/** With something of everything that a machine of the lab has. */
const domainArgs = (): Properties => ({
  name: "guest",
  type: "qemu",
  memory: 64,
  vcpu: 2,
  cpu: { mode: "maximum", disabledFeatures: ["cx16"] },
  disks: [{ volumeId: inFolder("pool/disk.qcow2") }],
  networkInterfaces: [{ networkName: "net", mac: "52:54:00:00:00:01" }],
  consoles: [{ type: "file", targetPort: "0", sourcePath: inFolder("console.log") }],
  qemuAgent: true,
  credentials: { "system.hostname": "a" },
  ...STACK,
});

let net: Made;

async function machine(more: Properties = {}): Promise<Made> {
  net = await create(network, "n", networkArgs);
  await create(pool, "p", poolArgs());
  await create(volume, "v", diskArgs);
  return create(domain, "d", { ...domainArgs(), ...more });
}
const runOf = (name: string): string => virsh("domid", name);
/** libvirt puts controllers into another order when they come without addresses. */
const storedLines = (): readonly string[] => virsh("dumpxml", "--inactive", "guest").split("\n").toSorted();
const changesOf = async (made: Made): Promise<readonly string[]> => (await refresh(domain, "d", made)).changes;

describe("a domain that nobody touched", () => {
  it("has no drift, whatever happens around it", async () => {
    const made = await machine();
    expect(await refresh(domain, "d", made)).toEqual({ made, changes: [] });
    virsh("reset", "guest");
    virsh("setvcpus", "guest", "2", "--config");
    virsh("setmem", "guest", "65536", "--config");
    virsh("desc", "guest", "--live", "--new-desc", "");
    expect(await changesOf(made)).toEqual([]);
    virsh("destroy", "guest");
    virsh("start", "guest");
    expect(await changesOf(made)).toEqual([]);
    await host().restartLibvirtd(); // whose guests run on
    expect(await refresh(network, "n", net)).toEqual({ made: net, changes: [] });
    expect(await changesOf(made)).toEqual([]);
  });

  it.each<readonly [string, Properties]>([
    ["by libvirt's defaults alone", { name: "bare", type: "qemu", memory: 64, vcpu: 1 }],
    [
      "with everything in other words",
      {
        name: "odd",
        type: "qemu",
        machine: "pc",
        description: " two  words ",
        networkInterfaces: [{ bridge: "rkodd", mac: "52:54:00:AA:BB:CC" }],
        consoles: [
          { type: "pty", targetPort: "1", targetType: "virtio" },
          { type: "pty", targetPort: "0" },
        ],
        cmdlines: [{ _: "quiet " }, { console: "ttyS0" }],
        kernel: "/nowhere/kernel",
        running: false,
        ...STACK,
      },
    ],
  ])("has none when it was made %s", async (_title, args) => {
    const made = await create(domain, "d", args);
    expect((await refresh(domain, "d", made)).changes).toEqual([]);
    const again = await update(domain, "d", made, args);
    expect((await refresh(domain, "d", again)).changes).toEqual([]);
  });
});

/** What somebody made of the stored definition, what the next preview names, and what the definition must say again. */
const EDITS: Readonly<Record<string, readonly [(xml: string) => string, readonly string[]]>> = {
  vCPUs: [(xml) => xml.replace(">2</vcpu>", ">3</vcpu>"), ["vcpu"]],
  "online vCPUs": [
    (xml) => xml.replace("<vcpu placement='static'>", "<vcpu placement='static' current='1'>"),
    ["vcpu"],
  ],
  "the CPU": [(xml) => xml.replace("name='cx16'", "name='sse4.2'"), ["cpu.disabledFeatures[0]"]],
  "its topology": [
    (xml) => xml.replace("<feature policy", "<topology sockets='1' dies='1' cores='2' threads='1'/><feature policy"),
    ["definition"],
  ],
  "the MAC address": [(xml) => xml.replace("52:54:00:00:00:01", "52:54:00:00:00:99"), ["networkInterfaces[0].mac"]],
  "the network": [
    (xml) => xml.replace("<source network='net'/>", "<source network='default'/>"),
    ["networkInterfaces[0].networkName"],
  ],
  "the file of the disk": [(xml) => xml.replace("disk.qcow2'", "other.qcow2'"), ["disks[0].volumeId"]],
  "how the disk is written": [(xml) => xml.replace("cache='writeback'", "cache='unsafe'"), ["definition"]],
  "a second disk": [
    (xml) =>
      xml.replace(
        "<controller type='usb'",
        "<disk type='file' device='disk'><source file='/x'/><target dev='vdb' bus='virtio'/></disk><controller type='usb'",
      ),
    ["disks[1]"],
  ],
  "the console's file": [(xml) => xml.replaceAll("console.log", "other.log"), ["consoles[0].sourcePath"]],
  "the agent's channel": [(xml) => xml.replace(/<channel .*<\/channel>/s, ""), ["qemuAgent"]],
  "a credential": [
    (xml) => xml.replace("system.hostname=YQ==", "system.hostname=Yg=="),
    ['credentials["system.hostname"]'],
  ],
  "the command line": [
    (xml) => xml.replace("<boot dev='hd'/>", "<cmdline>quiet</cmdline><boot dev='hd'/>"),
    ["cmdlines"],
  ],
  "a kernel": [(xml) => xml.replace("<boot dev='hd'/>", "<kernel>/vmlinuz</kernel>"), ["kernel"]],
  "what a crash does": [(xml) => xml.replace("<on_crash>destroy", "<on_crash>preserve"), ["definition"]],
  "the source of randomness": [(xml) => xml.replace("/dev/urandom", "/dev/random"), ["definition"]],
  "a device of the host": [
    (xml) =>
      xml.replace(
        "<input type='mouse'",
        "<hostdev mode='subsystem' type='usb'><source><vendor id='0x1'/><product id='0x2'/></source></hostdev><input type='mouse'",
      ),
    ["definition"],
  ],
  "its memory's backing": [
    (xml) => xml.replace("<vcpu", "<memoryBacking><nosharepages/></memoryBacking><vcpu"),
    ["definition"],
  ],
};

it(
  "a stored definition that somebody changed is told by its path, and stored again without a restart",
  async () => {
    const made = await machine();
    const [before, run] = [storedLines(), runOf("guest")];
    for (const [title, [change, paths]] of Object.entries(EDITS)) {
      editDomain(change);
      const seen = await refresh(domain, "d", made);
      expect([title, ...seen.changes]).toEqual([title, ...paths]);
      const repaired = await update(domain, "d", seen.made, domainArgs());
      expect([title, ...storedLines()]).toEqual([title, ...before]);
      expect(await refresh(domain, "d", repaired)).toEqual({ made, changes: [] });
    }
    expect(runOf("guest")).toBe(run);
  },
  4 * MINUTE,
);

describe("a guest", () => {
  it("that runs with something else than its definition says is restarted", async () => {
    const made = await machine();
    const run = runOf("guest");
    editDomain((xml) => xml.replace("52:54:00:00:00:01", "52:54:00:00:00:99"));
    virsh("destroy", "guest");
    virsh("start", "guest");
    editDomain((xml) => xml.replace("52:54:00:00:00:99", "52:54:00:00:00:01"));
    const seen = await refresh(domain, "d", made);
    expect(seen.changes).toEqual(["guest"]);
    expect(seen.made.state["guest"]).toBe("runs with another networkInterfaces[0].mac");
    const repaired = await update(domain, "d", seen.made, domainArgs());
    expect(runOf("guest")).not.toBe(run);
    expect(virsh("dumpxml", "guest")).toContain("52:54:00:00:00:01");
    expect(await changesOf(repaired)).toEqual([]);
  });

  it.each(["while it is stopped", "after it runs again"])(
    "whose network was stopped has lost its link, %s",
    async (when) => {
      const made = await machine();
      virsh("net-destroy", "net");
      if (when === "after it runs again") virsh("net-start", "net");
      const seen = await refresh(domain, "d", made);
      expect(seen.changes).toEqual(["guest"]);
      expect(seen.made.state["guest"]).toBe("networkInterfaces[0] lost its link when its network stopped");
      if (when === "while it is stopped") virsh("net-start", "net");
      expect(await changesOf(await update(domain, "d", seen.made, domainArgs()))).toEqual([]);
    },
  );

  it("that is switched off, or paused, runs again", async () => {
    const made = await machine();
    const run = runOf("guest");
    virsh("suspend", "guest");
    const paused = await refresh(domain, "d", made);
    expect(paused.changes).toEqual(["running"]);
    await update(domain, "d", paused.made, domainArgs());
    expect(virsh("domstate", "guest")).toBe("running");
    expect(runOf("guest")).toBe(run);
    virsh("destroy", "guest");
    const off = await refresh(domain, "d", made);
    expect(off.changes).toEqual(["running"]);
    await update(domain, "d", off.made, domainArgs());
    expect(virsh("domstate", "guest")).toBe("running");
  });

  it("whose definition was taken away is kept again, and goes when it is to", async () => {
    const made = await machine();
    virsh("undefine", "guest");
    const seen = await refresh(domain, "d", made);
    expect(seen.changes).toEqual(["definition"]);
    expect(seen.made.state["definition"]).toBe("is not kept: it goes when it stops");
    const run = runOf("guest");
    const repaired = await update(domain, "d", seen.made, domainArgs());
    expect(runOf("guest")).toBe(run);
    expect(await changesOf(repaired)).toEqual([]);
    virsh("undefine", "guest");
    await remove(domain, "d", repaired);
    expect(host().names("list", "--all", "--name")).toEqual([]);
  });

  it("that lost its mark is told, and not touched", async () => {
    const made = await machine();
    editDomain((xml) => xml.replace(/<metadata>.*<\/metadata>/s, ""));
    const seen = await refresh(domain, "d", made);
    expect(seen.made.state["definition"]).toBe("has no mark of this stack");
    expect(seen.made.state["instance"]).toBe(made.state["instance"]);
    await expect(update(domain, "d", seen.made, domainArgs())).rejects.toThrow("it was not changed");
  });

  it("whose disk is gone is made anew, and no other; once it is there again nothing is left of that", async () => {
    let known = await machine();
    /** One refresh after the other: each starts from what the last one wrote. */
    const nextChanges = async (): Promise<readonly string[]> => {
      const { made, changes } = await refresh(domain, "d", known);
      known = made;
      return changes;
    };
    rmSync(inFolder("pool/disk.qcow2"));
    expect(await nextChanges()).toEqual(["disks[0].volumeId!"]);
    virsh("pool-destroy", "pool");
    expect(await nextChanges()).toEqual(["disks[0].volumeId!"]);
    execFileSync("qemu-img", ["create", "-q", "-f", "qcow2", inFolder("pool/disk.qcow2"), "8M"]);
    expect(await nextChanges()).toEqual([]);
    virsh("pool-start", "pool");
    expect(await nextChanges()).toEqual([]);
  });
});
