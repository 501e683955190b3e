import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addressesInUse, networkBlocks } from "../../drivers/host-addresses";
import { embeddedHostLayout } from "../../plan/embedded-host";

let folder = "";
let said: jest.SpyInstance;
const before = { ...process.env };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "host-addresses-"));
  said = jest.spyOn(console, "error").mockReturnValue();
});
afterEach(() => {
  process.env = { ...before };
  said.mockRestore();
  rmSync(folder, { recursive: true });
});

const URI = "qemu:///system";
const OF_NETWORKS = `networks of ${URI} could not be looked at, so their addresses count as free: `;
const OF_ROUTES = "routes of this machine could not be looked at, so their addresses count as free: ";

/** A shell script in a program's place. */
function onPath(program: "virsh" | "ip", script: string): void {
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, program), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  process.env["PATH"] = `${bin}:${before["PATH"] ?? ""}`;
}

/** As this machine has them. */
function ownRoutes(): string[] {
  const routes: readonly { readonly dst: string }[] = JSON.parse(
    execFileSync("ip", ["-4", "-j", "route"], { encoding: "utf8" }),
  );
  return routes.map(({ dst }) => dst).filter((dst) => dst.includes("/"));
}

const found = async (uri: string, seconds?: number): Promise<readonly string[]> =>
  (await addressesInUse(uri, seconds)).map(({ cidr }) => cidr);

it("reads the blocks of a libvirt network, by netmask or prefix, and leaves IPv6 alone", () => {
  const xml = `<network>
  <ip address='192.168.122.1' netmask='255.255.255.0'><dhcp><range start='192.168.122.2' end='192.168.122.254'/></dhcp></ip>
  <ip family='ipv4' address='10.4.5.6' prefix='20'/>
  <ip family='ipv6' address='fd00::1' prefix='64'/>
</network>`;
  expect(networkBlocks("default", xml)).toEqual([
    { cidr: "192.168.122.0/24", who: "libvirt network default" },
    { cidr: "10.4.0.0/20", who: "libvirt network default" },
  ]);
});

it("knows this machine's routes where the embedded host is still to be started, asks it nothing, and has nothing to say", async () => {
  const { uri, lock } = embeddedHostLayout(folder);
  onPath("virsh", `touch ${folder}/asked`);
  writeFileSync(lock, "");
  expect(await found(uri)).toEqual(expect.arrayContaining(ownRoutes()));
  expect(existsSync(join(folder, "asked"))).toBe(false);
  expect(said).not.toHaveBeenCalled();
});

it("says that libvirt did not answer in the time that it had, and which deadline that is", async () => {
  onPath("virsh", "exec sleep 60");
  expect(await found(URI, 0.2)).toEqual(expect.arrayContaining(ownRoutes()));
  expect(said.mock.calls).toEqual([
    [expect.stringMatching(/^networks of qemu:\/\/\/system could not be .* did not finish: .*: deadlines\.virsh$/)],
  ]);
});

it("says in libvirt's own words why its networks were not looked at", async () => {
  onPath("virsh", "echo 'error: failed to connect to the hypervisor' >&2; echo 'error: Permission denied' >&2; exit 1");
  await addressesInUse(URI);
  expect(said.mock.calls).toEqual([[`${OF_NETWORKS}error: Permission denied`]]);
});

it("says that the machine's routes were not looked at", async () => {
  onPath("virsh", "true");
  onPath("ip", "echo 'RTNETLINK answers: Operation not permitted' >&2; exit 2");
  expect(await found(URI)).toEqual([]);
  onPath("ip", "echo '['");
  expect(await found(URI)).toEqual([]);
  expect(said.mock.calls).toEqual([
    [`${OF_ROUTES}RTNETLINK answers: Operation not permitted`],
    [expect.stringContaining(`${OF_ROUTES}Unexpected end of JSON input`)],
  ]);
});

it("keeps what other networks have when one goes away, and says when one does not tell", async () => {
  const answers = `case "$*" in
*net-list*) printf 'gone\\nkept\\n' ;;
*net-dumpxml\\ kept) echo "<ip address='10.5.0.1' prefix='24'/>" ;;
*) echo "error: $(cat ${folder}/words)" >&2; exit 1 ;;
esac`;
  onPath("virsh", answers);
  writeFileSync(join(folder, "words"), "Network not found: no network with matching name 'gone'");
  expect(await found(URI)).toContain("10.5.0.0/24");
  expect(said).not.toHaveBeenCalled();
  writeFileSync(join(folder, "words"), "End of file while reading data: Input/output error");
  expect(await found(URI)).toContain("10.5.0.0/24");
  expect(said.mock.calls).toEqual([[`${OF_NETWORKS}error: End of file while reading data: Input/output error`]]);
});
