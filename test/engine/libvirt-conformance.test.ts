import { appendFileSync, cpSync, existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { placesOf } from "../../cli/places";
import { pulumiInUse } from "../../cli/setup/pulumi-cli";
import { runLocally } from "../../drivers/local-runner";
import { outcome, succeeded } from "../fixtures/clone";
import { startLibvirtHost, type LibvirtHost } from "../fixtures/libvirt-host";

/**
 * The libvirt provider on its own: a program in the style of 0.5.4's examples, in a folder outside of the checkout with Node
 * modules of its own, under the real CLI. Its guest has no system; QEMU's network boot takes the address.
 */

const MINUTE = 60_000;
const root = resolve(__dirname, "../..");

let libvirt: LibvirtHost;
let folder: string;
let environment: Readonly<Record<string, string>>;

const run = (...args: string[]) =>
  runLocally(["pulumi", ...args, "--non-interactive"], { cwd: join(folder, "program"), environment });
const pulumi = async (verb: string, ...args: string[]): Promise<string> =>
  succeeded(await run(verb, "--stack", "trial", ...args));
/** What is printed by a command that fails. */
async function refusal(verb: string, ...args: string[]): Promise<string> {
  const { exitCode, printed } = outcome(await run(verb, "--stack", "trial", ...args));
  expect({ exitCode, printed }).not.toMatchObject({ exitCode: 0 });
  return printed;
}
const up = (): Promise<string> => pulumi("up", "--yes", "--skip-preview");
const set = (key: string, value: string): Promise<string> => pulumi("config", "set", key, value);
const output = async (name: string): Promise<string> =>
  (await run("stack", "output", name, "--stack", "trial")).stdout.trim();

beforeAll(async () => {
  libvirt = await startLibvirtHost();
  folder = join(libvirt.directory, "machines");
  const program = join(folder, "program");
  mkdirSync(join(folder, "state"), { recursive: true });
  cpSync(join(root, "test/fixtures/libvirt-program"), program, { recursive: true });
  appendFileSync(
    join(program, "Pulumi.yaml"),
    `plugins:\n  providers:\n    - name: libvirt\n      path: ${root}/providers/libvirt\n`,
  );
  // As npm installs it: copies of what comes from a registry, a link for `file:`.
  succeeded(await runLocally(["cp", "-al", join(root, "node_modules"), join(program, "node_modules")]));
  rmSync(join(program, "node_modules/@pulumi/libvirt"));
  symlinkSync(join(root, "sdks/libvirt"), join(program, "node_modules/@pulumi/libvirt"));
  const cli = (await pulumiInUse(placesOf(root))) ?? "";
  environment = {
    PATH: `${join(cli, "..")}:${process.env["PATH"] ?? ""}`,
    PULUMI_HOME: join(folder, "home"),
    PULUMI_BACKEND_URL: `file://${folder}/state`,
    PULUMI_CONFIG_PASSPHRASE: "only for this test",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    REPLIKUBE_CHECKOUT: root, // for the stand-in of the language host, where ./lab took that
  };
  succeeded(await run("stack", "init", "trial"));
  await set("uri", libvirt.uri);
  await set("poolPath", join(folder, "pool"));
}, MINUTE);

afterAll(() => libvirt.remove(), MINUTE);

it(
  "previews, makes, leaves alone, changes in place, restarts, replaces, sees drift, and removes",
  async () => {
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
