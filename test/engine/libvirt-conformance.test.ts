import { existsSync } from "node:fs";
import { join } from "node:path";
import { startLibvirtHost, type LibvirtHost } from "../fixtures/libvirt-host";
import { startProviderProgram, type ProviderProgram } from "../fixtures/provider-program";

/** A program in the style of 0.5.4's examples, through its life. Its guest has no system; QEMU's network boot takes the address. */

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
