import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { startLibvirtHost, type LibvirtHost } from "../fixtures/libvirt-host";
import { startProviderProgram, type ProviderProgram } from "../fixtures/provider-program";

/** Programs in the style of 0.5.4's examples, through their life. Their guests have no system; QEMU's network boot takes the address. */

const MINUTE = 60_000;

let libvirt: LibvirtHost;
let program: ProviderProgram;

beforeAll(async () => {
  libvirt = await startLibvirtHost();
  program = await startProviderProgram(libvirt, "libvirt-program");
  await program.set("uri", libvirt.uri);
  await program.set("poolPath", join(program.folder, "pool"));
}, MINUTE);

afterAll(() => libvirt.remove(), MINUTE);

it(
  "previews, makes, leaves alone, changes in place, restarts, replaces, sees drift, and removes",
  async () => {
    const { pulumi, up, set, output, refusal, folder } = program;
    expect(await pulumi("preview")).toContain("7 to create");
    expect(libvirt.objects()).toEqual([]);

    expect(await up()).toContain("7 created");
    const [name, id, address] = [await output("name"), await output("id"), await output("address")];
    expect(address).toMatch(/^10\.98\.7\.\d+$/);
    expect(libvirt.virsh("domifaddr", name, "--source", "lease")).toContain(` ${address}/24`);
    expect(libvirt.virsh("domblklist", name)).toMatch(/^ *sda +\S+seed-[0-9a-f]+$/m);
    expect(await pulumi("preview", "--expect-no-changes")).toContain("7 unchanged");

    const run1 = libvirt.virsh("domid", name);
    await set("description", "the same machine");
    expect(await pulumi("preview", "--diff")).toMatch(/~ description *: "a machine" => "the same machine"/);
    expect(await up()).toContain("1 updated");
    expect([libvirt.virsh("domid", name), libvirt.virsh("desc", name)]).toEqual([run1, "the same machine"]);

    await set("memory", "96");
    await set("patience", "6s"); // a guest without a system does not stop when it is asked
    expect(await up()).toContain("1 updated");
    expect(libvirt.virsh("domid", name)).not.toBe(run1);
    expect([await output("id"), await output("address")]).toEqual([id, address]);

    await set("hostname", "second");
    expect(await pulumi("preview")).toContain("2 to replace");
    expect(await up()).toContain("2 replaced");
    expect(await output("id")).not.toBe(id);

    await set("patience", "1m");
    await pulumi("refresh", "--yes", "--skip-preview");
    expect(await pulumi("preview", "--expect-no-changes")).toContain("7 unchanged");
    libvirt.virsh("destroy", await output("name"));
    await pulumi("refresh", "--yes", "--skip-preview");
    expect(await refusal("preview", "--expect-no-changes")).toContain("1 to update");
    expect(await up()).toContain("1 updated");
    expect(libvirt.virsh("domstate", await output("name"))).toBe("running");

    await pulumi("destroy", "--yes", "--skip-preview");
    expect(libvirt.objects()).toEqual([]);
    expect(existsSync(join(folder, "pool"))).toBe(false);
  },
  4 * MINUTE,
);

it(
  "names the property of what is refused, before anything is made and when libvirt does it",
  async () => {
    const { pulumi, set, refusal } = program;
    await set("memory", "1");
    expect(await refusal("preview")).toMatch(/memory[^]*expected at least 16, got 1/);
    await set("memory", "64");
    await set("poolPath", "/proc/nowhere/pool");
    expect(await refusal("up", "--yes", "--skip-preview")).toContain("look at the pool's property path");
    await pulumi("destroy", "--yes", "--skip-preview");
    expect(libvirt.objects()).toEqual([]);
  },
  MINUTE,
);

const MIB = 2 ** 20;

/** A disk image whose first bytes are `byte`, and nothing else. */
function makeImage(name: string, byte: string): string {
  const path = libvirt.inFolder(name);
  execFileSync("qemu-img", ["create", "-q", "-f", "qcow2", path, "16M"]);
  execFileSync("qemu-io", ["-c", `write -P ${byte} 0 64k`, path], { stdio: "ignore" });
  return path;
}

/** Also of a disk that a guest runs from. */
const holds = (path: string, byte: string): boolean =>
  spawnSync("qemu-io", ["-U", "-r", "-c", `read -P ${byte} 0 64k`, path]).status === 0;

it(
  "takes overlays of an image that was copied through theirs: grown in place, and made anew with another image",
  async () => {
    const { pulumi, up, set, output } = await startProviderProgram(libvirt, "libvirt-overlay-program");
    const capacity = async (name: string): Promise<number> => {
      const [, bytes] = /<capacity unit='bytes'>(\d+)</.exec(libvirt.virsh("vol-dumpxml", await output(name))) ?? [];
      return Number(bytes);
    };
    const poolPath = libvirt.inFolder("images-pool");
    const images = [makeImage("one.qcow2", "0x11"), makeImage("two.qcow2", "0x22")] as const;
    await set("uri", libvirt.uri);
    await set("poolPath", poolPath);
    await set("image", images[0]);
    await set("diskMiB", "32");
    expect(await pulumi("preview")).toContain("7 to create");
    expect(await up()).toContain("7 created");
    const [name, id, disk] = [await output("name"), await output("id"), await output("disk")];
    for (const overlay of [disk, await output("spare")]) {
      expect(libvirt.virsh("vol-dumpxml", overlay)).toContain(`<path>${await output("base")}</path>`);
      expect(holds(overlay, "0x11")).toBe(true);
    }
    expect([await capacity("disk"), await capacity("spare")]).toEqual([32 * MIB, 16 * MIB]);
    expect(await pulumi("preview", "--expect-no-changes")).toContain("7 unchanged");

    const run = libvirt.virsh("domid", name);
    await set("diskMiB", "48");
    expect(await up()).toContain("1 updated");
    expect([await output("disk"), await capacity("disk"), libvirt.virsh("domid", name)]).toEqual([disk, 48 * MIB, run]);

    await set("image", images[1]);
    expect(await pulumi("preview")).toContain("4 to replace");
    expect(await up()).toContain("4 replaced");
    expect(await output("id")).not.toBe(id);
    expect([holds(await output("disk"), "0x22"), holds(await output("spare"), "0x22")]).toEqual([true, true]);
    expect(await capacity("disk")).toBe(48 * MIB);

    libvirt.virsh("vol-delete", await output("spare"));
    await pulumi("refresh", "--yes", "--skip-preview");
    expect(await up()).toContain("1 created");
    expect(await pulumi("preview", "--expect-no-changes")).toContain("7 unchanged");

    await pulumi("destroy", "--yes", "--skip-preview");
    expect(libvirt.objects()).toEqual([]);
    expect([existsSync(poolPath), ...images.map((image) => existsSync(image))]).toEqual([false, true, true]);
  },
  4 * MINUTE,
);
