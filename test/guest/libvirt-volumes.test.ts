import { execFileSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { cloudInitDisk } from "../../providers/libvirt/cloud-init-disk";
import { domain } from "../../providers/libvirt/domain";
import { pool } from "../../providers/libvirt/pool";
import { volume } from "../../providers/libvirt/volume";
import { hostOfTestFile } from "../fixtures/libvirt-host";
import { create, read, refresh, remove, update, type Made } from "../fixtures/libvirt-resources";
import { diskArgs, poolArgsIn, STACK } from "../fixtures/stack-objects";

/** Sizes of volumes, and whose they are. A real libvirtd; its only guest has no system. */

const MINUTE = 60_000;
jest.setTimeout(2 * MINUTE);
const MIB = 2 ** 20;

const { host, virsh, inFolder } = hostOfTestFile();

const makePool = (more: object = {}): Promise<Made> => create(pool, "p", { ...poolArgsIn(inFolder("pool")), ...more });
const capacity = (): number =>
  Number(/<capacity unit='bytes'>(\d+)</.exec(virsh("vol-dumpxml", "disk.qcow2", "--pool", "pool"))?.[1]);

describe("the size of a volume", () => {
  it.each([
    ["qcow2", 1_000_000_000, 1_000_000_100, 1_000_000_512],
    ["qcow2", 1_000_000_000, 2_000_000_001, 2_000_000_512],
    ["raw", 1_000_001, 1_009_001, 1_009_001],
  ])("of no whole KiB is no drift of a %s, also when it grows", async (format, size, more, bytes) => {
    await makePool();
    const args = { ...diskArgs, format, size };
    const made = await create(volume, "v", args);
    expect(made.state["size"]).toBe(size);
    expect(await refresh(volume, "v", made)).toEqual({ made, changes: [] });
    const grown = await update(volume, "v", made, { ...args, size: more });
    expect(await refresh(volume, "v", grown)).toEqual({ made: grown, changes: [] });
    expect(capacity()).toBe(bytes);
  });

  it("is kept as it is by a state that tells what it was rounded up to", async () => {
    await makePool();
    const args = { ...diskArgs, size: 1_000_000_000 };
    const made = await create(volume, "v", args);
    const told = { ...made, state: { ...made.state, size: 1_000_000_512 } };
    expect(volume.diff?.({ ...requestOf(told), oldInputs: made.inputs, inputs: made.inputs })).toEqual([]);
    await update(volume, "v", told, args);
    expect(capacity()).toBe(1_000_000_512);
  });

  it("never becomes smaller under a guest that runs", async () => {
    await makePool();
    const made = await create(volume, "v", diskArgs);
    await create(domain, "d", { name: "guest", type: "qemu", memory: 64, disks: [{ volumeId: made.id }], ...STACK });
    virsh("blockresize", "guest", made.id, "32M");
    await expect(update(volume, "v", made, { ...diskArgs, size: 16 * MIB })).rejects.toThrow(/more than .*not touched/);
    expect(virsh("domblkinfo", "guest", "vda")).toContain(String(32 * MIB));
  });

  it.each(["qcow2", "raw"])(
    "that is smaller than its source, a %s, is refused before anything is made",
    async (format) => {
      await makePool();
      const source = inFolder("source");
      if (format === "raw") writeFileSync(source, Buffer.alloc(9_000_001));
      else execFileSync("qemu-img", ["create", "-q", "-f", "qcow2", source, "9000001"]);
      const args = { ...diskArgs, format, source };
      await expect(create(volume, "v", args)).rejects.toThrow(/smaller than .*\nnext: .*property size/);
      expect(existsSync(inFolder("pool/disk.qcow2"))).toBe(false);
      const made = await create(volume, "v", { ...args, size: 9_000_001 }, { timeoutSeconds: 60 });
      expect(await refresh(volume, "v", made)).toEqual({ made, changes: [] });
    },
  );
});

const requestOf = ({ id, state }: Made) => ({ urn: "", name: "v", type: "", report: async () => undefined, id, state });

describe("a pool of another stack", () => {
  it("gets no volume that could never be removed", async () => {
    await makePool({ stackId: "beef" });
    const owner = /pool pool is that of stack trial .*, id beef; .*\nnext: .*property pool/;
    await expect(create(volume, "v", diskArgs)).rejects.toThrow(owner);
    await expect(create(cloudInitDisk, "c", { name: "seed", pool: "pool", ...STACK })).rejects.toThrow(owner);
    await expect(create(volume, "v", { ...diskArgs, stackId: undefined })).rejects.toThrow("pool and stackId");
    expect(host().names("vol-list", "pool")).toHaveLength(1); // its mark
  });

  it("keeps the volumes that were imported from it as they are", async () => {
    await makePool({ stackId: "beef" });
    const theirs = await create(volume, "v", { ...diskArgs, stackId: "beef" });
    const seen = await read(volume, "v", { id: theirs.id, inputs: {}, state: {} });
    const imported = { id: theirs.id, inputs: seen?.inputs ?? {}, state: seen?.outputs ?? {} };
    for (const more of [{ size: 16 * MIB }, { size: 16 * MIB, ...STACK }, STACK]) {
      await expect(update(volume, "v", imported, { ...imported.inputs, ...more })).rejects.toThrow(
        /id beef; it was not changed/,
      );
    }
    expect(capacity()).toBe(8 * MIB);
  });
});

it("a pool that nobody marked takes volumes of everybody", async () => {
  await makePool({ stackId: undefined });
  const bare = await create(volume, "v", { ...diskArgs, stackId: undefined });
  const grown = await update(volume, "v", bare, { ...diskArgs, stackId: undefined, size: 16 * MIB });
  expect((await refresh(volume, "v", grown)).changes).toEqual([]);
  const marked = await create(volume, "w", { ...diskArgs, name: "other" });
  await remove(volume, "w", marked);
  await remove(volume, "v", grown);
  expect(host().names("vol-list", "pool")).toEqual([]);
});

describe("a pool that was stopped", () => {
  it.each([
    ["of the stack", STACK],
    ["of nobody", { stackId: undefined }],
  ])("%s gives its volumes away", async (_, stack) => {
    const made = await makePool(stack);
    const disks = await Promise.all(
      ["a", "b", "c"].map((name) => create(volume, name, { ...diskArgs, ...stack, name })),
    );
    virsh("pool-destroy", "pool");
    await Promise.all(disks.map((disk) => remove(volume, "v", disk)));
    await remove(pool, "p", made);
    expect(existsSync(inFolder("pool"))).toBe(false);
  });

  it("and whose folder is gone has no volumes left", async () => {
    await makePool();
    const disk = await create(volume, "v", diskArgs);
    virsh("pool-destroy", "pool");
    rmSync(inFolder("pool"), { recursive: true });
    await expect(remove(volume, "v", disk)).resolves.toBeUndefined();
  });

  it("keeps what another stack has in it, and is off again", async () => {
    await makePool();
    const disk = await create(volume, "v", diskArgs);
    virsh("pool-destroy", "pool");
    await expect(remove(volume, "v", { ...disk, state: { ...disk.state, stackId: "beef" } })).rejects.toThrow(
      /id c0ffee; it was not removed/,
    );
    expect(virsh("pool-info", "pool")).toContain("inactive");
    expect(existsSync(disk.id)).toBe(true);
  });

  it("elsewhere than the volume is not started for it", async () => {
    await makePool();
    const disk = await create(volume, "v", diskArgs);
    virsh("pool-destroy", "pool");
    host().edit("pool", "pool", (xml) => xml.replace("/pool</path>", "/moved</path>"));
    await expect(remove(volume, "v", disk)).rejects.toThrow("not active");
  });
});

it("a shared volume that was removed by hand is made again, whatever content its mark tells", async () => {
  await makePool();
  const source = inFolder("image");
  writeFileSync(source, "bytes");
  const args = { name: "image", pool: "pool", format: "raw", source, shared: true, ...STACK };
  await create(volume, "v", args, { timeoutSeconds: 60 });
  virsh("vol-delete", "image", "--pool", "pool");
  const again = await create(volume, "v", args, { timeoutSeconds: 60 });
  expect(await refresh(volume, "v", again)).toEqual({ made: again, changes: [] });
  virsh("vol-delete", "image", "--pool", "pool");
  await create(volume, "v", { ...args, shared: false }, { timeoutSeconds: 60 });
  expect(virsh("vol-list", "pool")).not.toContain("sha256");
});
