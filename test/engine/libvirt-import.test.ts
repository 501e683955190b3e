import { execFileSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startLibvirtHost, type LibvirtHost } from "../fixtures/libvirt-host";
import { startProviderProgram, type ProviderProgram } from "../fixtures/provider-program";

/** Objects that somebody made by hand come into a stack: `pulumi import`, a preview that shows the mark, an up that sets it. */

const MINUTE = 60_000;
const [NET, POOL, DISK, MACHINE] = ["Network net", "Pool pool", "Volume disk", "Domain machine"];

let libvirt: LibvirtHost;
let program: ProviderProgram;
let disk: string;

/** As somebody does who reads libvirt's documentation: nothing in it is ours. */
function makeByHand(): void {
  const folder = join(program.folder, "pool");
  libvirt.define(
    "net-define",
    "<network><name>by-hand</name><ip address='10.98.8.1' prefix='24'><dhcp><range start='10.98.8.100' end='10.98.8.200'/></dhcp></ip></network>",
  );
  libvirt.virsh("net-start", "by-hand");
  libvirt.virsh("pool-define-as", "by-hand", "dir", "--target", folder);
  libvirt.virsh("pool-build", "by-hand");
  libvirt.virsh("pool-start", "by-hand");
  libvirt.virsh("vol-create-as", "by-hand", "by-hand.qcow2", "16MiB", "--format", "qcow2");
  disk = join(folder, "by-hand.qcow2");
  libvirt.define(
    "define",
    `<domain type='qemu'><name>by-hand</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>
     <os><type arch='x86_64' machine='q35'>hvm</type></os>
     <devices>
       <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='${disk}'/><target dev='vda' bus='virtio'/></disk>
       <interface type='network'><mac address='52:54:00:0b:0b:0b'/><source network='by-hand'/><model type='virtio'/></interface>
     </devices></domain>`,
  );
  libvirt.virsh("start", "by-hand");
}

async function importAll(ids: Readonly<Record<string, string>>): Promise<string> {
  const resources = Object.entries(ids).map(([resource, id]) => {
    const [kind = "", name = ""] = resource.split(" ");
    return { type: `libvirt:index/${kind.charAt(0).toLowerCase()}${kind.slice(1)}:${kind}`, name, id };
  });
  const file = join(program.folder, "import.json");
  writeFileSync(file, JSON.stringify({ resources }));
  return program.pulumi("import", "--file", file, "--yes", "--generate-code=false", "--protect=false");
}

const idsOf = () => ({
  [NET]: libvirt.virsh("net-uuid", "by-hand"),
  [POOL]: libvirt.virsh("pool-uuid", "by-hand"),
  [DISK]: disk,
  [MACHINE]: libvirt.virsh("domuuid", "by-hand"),
});

const marks = (): readonly boolean[] => [
  libvirt.virsh("net-dumpxml", "by-hand").includes("c0ffee"),
  execFileSync("cat", [join(program.folder, "pool/replikube-mark")], { encoding: "utf8" }).includes("c0ffee"),
  libvirt.virsh("dumpxml", "--inactive", "by-hand").includes("c0ffee"),
];

beforeAll(async () => {
  libvirt = await startLibvirtHost();
  program = await startProviderProgram(libvirt, "libvirt-import-program");
  await program.set("poolPath", join(program.folder, "pool"));
}, MINUTE);

afterEach(() => {
  libvirt.clear();
  rmSync(join(program.folder, "pool"), { recursive: true, force: true });
});

afterAll(() => libvirt.remove(), MINUTE);

it(
  "takes them into the state, shows their mark as a change in place, and owns them from then on",
  async () => {
    const { pulumi, up, set, output } = program;
    makeByHand();
    const run = libvirt.virsh("domid", "by-hand");
    expect(await importAll(idsOf())).toContain("4 imported");

    await set("stackId", "c0ffee");
    const preview = await pulumi("preview", "--diff");
    expect(preview.match(/\+ stackId *: "c0ffee"/g)).toHaveLength(4);
    expect(preview).toMatch(/~ 4 to update/);
    expect(preview).not.toContain("to replace");
    expect(await up()).toContain("4 updated");
    expect(marks()).toEqual([true, true, true]);
    expect(libvirt.virsh("domid", "by-hand")).toBe(run);
    expect(await output("instance")).toMatch(/^[0-9a-f]{16}$/);

    expect(await pulumi("preview", "--expect-no-changes")).toContain("unchanged");
    await pulumi("refresh", "--yes", "--skip-preview");
    expect(await pulumi("preview", "--expect-no-changes")).toContain("unchanged");
    await pulumi("destroy", "--yes", "--skip-preview");
    expect(libvirt.objects()).toEqual([]);
    expect(existsSync(disk)).toBe(false);
  },
  3 * MINUTE,
);

it(
  "leaves what is another stack's as it is, also after an import, and imports nothing that is not there",
  async () => {
    const { set, refusal, pulumi } = program;
    makeByHand();
    await importAll(idsOf());
    libvirt.edit("domain", "by-hand", (xml) =>
      xml.replace(
        "<memory",
        `<metadata><replikube:domain xmlns:replikube='https://replikube.dev/libvirt/1' instance='0123' mark='beef/lab/other/0123456789abcdef'/></metadata><memory`,
      ),
    );
    await set("stackId", "c0ffee");
    const before = libvirt.virsh("dumpxml", "--inactive", "by-hand");
    expect(await refusal("up", "--yes", "--skip-preview")).toContain("was not changed");
    expect(libvirt.virsh("dumpxml", "--inactive", "by-hand")).toBe(before);
    await pulumi("state", "delete", "--all", "--yes");
    await expect(importAll({ [NET]: "no-such-network" })).rejects.toThrow(/does not exist/);
  },
  3 * MINUTE,
);
