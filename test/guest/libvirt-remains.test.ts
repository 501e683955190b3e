import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { domain } from "../../providers/libvirt/domain";
import { network } from "../../providers/libvirt/network";
import { pool } from "../../providers/libvirt/pool";
import { volume } from "../../providers/libvirt/volume";
import { startLibvirtHost, type LibvirtHost } from "../fixtures/libvirt-host";
import { create, remove } from "../fixtures/libvirt-resources";
import { diskArgs, networkArgs, poolArgsIn, STACK } from "../fixtures/stack-objects";

/** What libvirt keeps beside its objects goes with them. A real libvirtd; its guest has a firmware that does nothing. */

const MINUTE = 60_000;
const PFLASH_BYTES = 256 * 1024;

let host: LibvirtHost;
beforeAll(async () => {
  host = await startLibvirtHost();
}, MINUTE);
afterAll(async () => host.remove(), MINUTE);

/** In libvirt's own folders: NVRAM, snapshots, saved states, leases, logs of nobody's. */
const kept = (): readonly string[] =>
  readdirSync(join(host.directory, "host/lib"), { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => name)
    .filter((name) => /guest|net|disk|_VARS|before|rkleft/.test(name))
    .toSorted();

it(
  "NVRAM, snapshots, a saved state and leases",
  async () => {
    const firmware = join(host.directory, "firmware.fd");
    writeFileSync(firmware, Buffer.alloc(PFLASH_BYTES));
    const poolPath = join(host.directory, "pool");
    const net = await create(network, "n", { ...networkArgs, bridge: "rkleft" });
    const disks = await create(pool, "p", poolArgsIn(poolPath));
    const disk = await create(volume, "v", diskArgs);
    const machine = { type: "qemu", memory: 64, ...STACK };
    const firm = await create(domain, "f", {
      ...machine,
      name: "guest",
      firmware,
      nvram: { template: firmware },
      networkInterfaces: [{ networkName: "net", mac: "52:54:00:00:00:01" }],
    });
    // libvirt 9.0 makes no snapshot of a guest that has NVRAM.
    const snapped = await create(domain, "s", { ...machine, name: "guest-b", disks: [{ volumeId: disk.id }] });
    host.virsh("managedsave", "guest");
    host.virsh("snapshot-create-as", "guest-b", "before");
    expect(kept()).toEqual(
      expect.arrayContaining(["before.xml", "guest.save", "guest_VARS.fd", expect.stringContaining("rkleft")]),
    );

    await remove(domain, "f", firm);
    await remove(domain, "s", snapped);
    await remove(volume, "v", disk);
    await remove(pool, "p", disks);
    await remove(network, "n", net);
    expect(kept()).toEqual([]);
    expect(readdirSync(host.directory)).not.toContain("pool");
  },
  MINUTE,
);
