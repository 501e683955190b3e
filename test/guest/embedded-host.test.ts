import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { embeddedHostStatus, startEmbeddedHost, stopEmbeddedHost } from "../../drivers/embedded-host";
import { processesInNamespace, startTimeOf } from "../../drivers/namespace-processes";
import { embeddedHostLayout } from "../../plan/embedded-host";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "host-"));
});

afterEach(async () => {
  await stopEmbeddedHost(directory, { force: true });
  rmSync(directory, { recursive: true });
});

const virsh = (uri: string, ...args: string[]): string =>
  execFileSync("virsh", ["--connect", uri, ...args], { encoding: "utf8" });
const inside = (...command: string[]): string =>
  execFileSync("nsenter", [`--net=${embeddedHostLayout(directory).namespacePath}`, ...command], { encoding: "utf8" });

/** Every mount namespace that still holds something of the host. */
const processesWithItsMounts = (): readonly string[] =>
  readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/mountinfo`, "utf8").includes(directory);
    } catch {
      return false;
    }
  });

const cgroupPlaces = (): readonly string[] =>
  readFileSync(join(directory, "cgroups"), "utf8")
    .trim()
    .split("\n")
    .map((line) => line.split(" ")[0] ?? "");

it("answers on its socket, and says so in host.json", async () => {
  const host = await startEmbeddedHost({ directory });
  expect(virsh(host.uri, "uri")).toContain("qemu");
  expect(JSON.parse(readFileSync(join(directory, "host.json"), "utf8"))).toEqual(host);
  expect(await embeddedHostStatus(directory)).toEqual({ kind: "running", host });
});

it("has nothing to do when it runs already, also when asked twice at once", async () => {
  const [first, second] = await Promise.all([startEmbeddedHost({ directory }), startEmbeddedHost({ directory })]);
  expect(second).toEqual(first);
  expect(await startEmbeddedHost({ directory })).toEqual(first);
});

it("has no link and no route to the outside", async () => {
  await startEmbeddedHost({ directory });
  expect(JSON.parse(inside("ip", "-json", "link")).map(({ ifname }: { ifname: string }) => ifname)).toEqual(["lo"]);
  expect(JSON.parse(inside("ip", "-json", "route", "show", "table", "main"))).toEqual([]);
});

it("hides /dev/kvm and the machine's message bus from libvirtd, and gives nothing of the environment to it", async () => {
  process.env["REPLIKUBE_TEST_SECRET"] = "do not inherit";
  const { libvirtdPid } = await startEmbeddedHost({ directory });
  delete process.env["REPLIKUBE_TEST_SECRET"];
  const root = `/proc/${libvirtdPid}/root`;
  expect(existsSync(`${root}/dev/kvm`)).toBe(false);
  expect(existsSync(`${root}/dev/null`)).toBe(true);
  expect(existsSync(`${root}/run/dbus`)).toBe(false);
  expect(readdirSync(`${root}/sys/class/net`)).toEqual(["lo"]);
  expect(readFileSync(`/proc/${libvirtdPid}/environ`, "utf8")).not.toContain("do not inherit");
});

it("leaves nothing when it is stopped", async () => {
  await startEmbeddedHost({ directory });
  const { namespacePath } = embeddedHostLayout(directory);
  const cgroups = cgroupPlaces();
  expect(processesInNamespace(namespacePath)).not.toEqual([]);
  await stopEmbeddedHost(directory);
  expect(existsSync(namespacePath)).toBe(false);
  expect(processesWithItsMounts()).toEqual([]);
  expect(cgroups.filter((place) => existsSync(place))).toEqual([]);
  expect(existsSync(join(directory, "host.json"))).toBe(false);
  expect(await embeddedHostStatus(directory)).toEqual({ kind: "stopped" });
  await expect(stopEmbeddedHost(directory)).resolves.toBeUndefined();
});

it("starts again after everything of it was killed", async () => {
  const before = await startEmbeddedHost({ directory });
  for (const { pid } of processesInNamespace(embeddedHostLayout(directory).namespacePath)) process.kill(pid, "SIGKILL");
  const broken = await embeddedHostStatus(directory);
  expect(broken.kind).toBe("broken");
  const after = await startEmbeddedHost({ directory });
  expect(after.libvirtdPid).not.toBe(before.libvirtdPid);
  expect(virsh(after.uri, "uri")).toContain("qemu");
});

it("starts again after a reboot: no namespace, and pids that are others' now", async () => {
  const before = await startEmbeddedHost({ directory });
  await stopEmbeddedHost(directory);
  // What a power cut leaves in the directory.
  mkdirSync(join(directory, "run"));
  const record = { ...before, libvirtdPid: process.pid, libvirtdStartTime: "1" };
  writeFileSync(join(directory, "host.json"), JSON.stringify(record));
  writeFileSync(join(directory, "run/libvirtd.pid"), String(process.pid));
  const after = await startEmbeddedHost({ directory });
  expect(virsh(after.uri, "uri")).toContain("qemu");
});

it("finds its processes when the namespace has lost its name", async () => {
  const before = await startEmbeddedHost({ directory });
  execFileSync("ip", ["netns", "delete", before.namespace]);
  const after = await startEmbeddedHost({ directory });
  expect(startTimeOf(before.libvirtdPid)).not.toBe(before.libvirtdStartTime);
  expect(virsh(after.uri, "uri")).toContain("qemu");
});

it("works in a directory whose path is longer than a socket address", async () => {
  const deep = join(directory, "deep".repeat(20), "checkout");
  const { link } = embeddedHostLayout(deep);
  const host = await startEmbeddedHost({ directory: deep });
  expect(virsh(host.uri, "uri")).toContain("qemu");
  expect(existsSync(link ?? "")).toBe(true);
  await stopEmbeddedHost(deep);
  expect(existsSync(link ?? "")).toBe(false);
});

it("runs two of them side by side, each with its own networks", async () => {
  const other = join(directory, "other");
  const [a, b] = [await startEmbeddedHost({ directory }), await startEmbeddedHost({ directory: other })];
  const network = join(directory, "network.xml");
  writeFileSync(
    network,
    "<network><name>only-in-a</name><bridge name='rk0'/><ip address='10.77.0.1' netmask='255.255.255.0'/></network>",
  );
  virsh(a.uri, "net-create", network);
  expect(virsh(a.uri, "net-list", "--name").trim()).toBe("only-in-a");
  expect(virsh(b.uri, "net-list", "--name").trim()).toBe("");
  expect(existsSync("/sys/class/net/rk0")).toBe(false);
  await stopEmbeddedHost(other);
});
