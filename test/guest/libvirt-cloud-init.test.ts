import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { differences } from "../../providers/kit/diff";
import { cloudInitDisk } from "../../providers/libvirt/cloud-init-disk";
import { domain } from "../../providers/libvirt/domain";
import { pool } from "../../providers/libvirt/pool";
import { startLibvirtHost, type LibvirtHost } from "../fixtures/libvirt-host";
import { create, read, remove } from "../fixtures/libvirt-resources";

/** cloud-init's disks in a real pool. */

const MINUTE = 60_000;
jest.setTimeout(MINUTE);
const STACK = { stackId: "c0ffee" };

let libvirt: LibvirtHost;

beforeAll(async () => {
  libvirt = await startLibvirtHost();
  await create(pool, "p", { name: "pool", type: "dir", path: join(libvirt.directory, "pool"), ...STACK });
}, MINUTE);

afterAll(() => libvirt.remove(), MINUTE);

const contents = {
  userData: "#cloud-config\nhostname: a\n",
  metaData: "instance-id: a\n",
  networkConfig: "version: 2\n",
};
const disk = { name: "seed.iso", pool: "pool", ...contents, ...STACK };

function readBack(image: string, name: string): string {
  const file = join(libvirt.directory, name);
  const command = ["-no_rc", "-osirrox", "on", "-indev", image, "-extract", `/${name}`, file];
  execFileSync("xorriso", command, { stdio: "ignore" });
  return readFileSync(file, "utf8");
}

it("holds what was given under NoCloud's names and label, always in the same bytes", async () => {
  const made = await create(cloudInitDisk, "c", disk);
  expect(made.id).toBe(join(libvirt.directory, "pool/seed.iso"));
  expect(readBack(made.id, "user-data")).toBe(contents.userData);
  expect(readBack(made.id, "meta-data")).toBe(contents.metaData);
  expect(readBack(made.id, "network-config")).toBe(contents.networkConfig);
  expect(execFileSync("blkid", ["-s", "LABEL", "-o", "value", made.id], { encoding: "utf8" }).trim()).toBe("cidata");
  const other = await create(cloudInitDisk, "e", { ...disk, name: "other.iso" });
  expect(readFileSync(other.id).equals(readFileSync(made.id))).toBe(true);
  const changed = await create(cloudInitDisk, "f", { ...disk, name: "changed.iso", metaData: "instance-id: b\n" });
  expect(readFileSync(changed.id).equals(readFileSync(made.id))).toBe(false);
  const seen = await read(cloudInitDisk, "c", made);
  expect(differences(made.state, seen?.outputs ?? {})).toEqual([]);
  for (const each of [made, other, changed]) await remove(cloudInitDisk, "c", each);
  expect(libvirt.virsh("vol-list", "pool")).not.toContain(".iso");
  expect(await read(cloudInitDisk, "c", made)).toBeUndefined();
});

it("is a domain's drive, and belongs to its pool's stack", async () => {
  const made = await create(cloudInitDisk, "c", disk);
  await create(domain, "d", { name: "guest", type: "qemu", memory: 64, cloudinit: made.id, running: false, ...STACK });
  expect(libvirt.virsh("domblklist", "guest", "--details")).toMatch(/file +cdrom +sda +\S+seed\.iso/);
  await expect(create(cloudInitDisk, "c", { ...disk, stackId: "beef" })).rejects.toThrow("id c0ffee");
  expect(readBack(made.id, "user-data")).toBe(contents.userData);
  const { id } = await create(cloudInitDisk, "c", { ...disk, userData: "more" }); // over the rest of a killed creation
  expect(readBack(id, "user-data")).toBe("more");
});
