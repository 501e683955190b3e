import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedHost, stopEmbeddedHost } from "../../drivers/embedded-host";
import { addressesInUse } from "../../drivers/host-addresses";
import { scanHost } from "../../drivers/host-scan";
import { consoleTail } from "../../drivers/libvirt/console";
import { digestOf, findSharedCopy, unmarkContent } from "../../drivers/libvirt/shared-copies";
import { removeVolume } from "../../drivers/libvirt/volume-changes";
import { makeVolume } from "../../drivers/libvirt/volume-creation";
import { volumeNames } from "../../drivers/libvirt/volume-names";
import { uploadVolume } from "../../drivers/libvirt/volume-upload";
import { virshFor } from "../../drivers/virsh";
import { volumeInputs } from "../../plan/libvirt/inputs";
import { markOf } from "../../plan/mark";
import { configure } from "../../providers/libvirt/connection";
import { pool } from "../../providers/libvirt/pool";
import { volume } from "../../providers/libvirt/volume";
import { startFakeHost, type FakeHost } from "../fakes/ssh-host";
import { create, remove } from "../fixtures/libvirt-resources";

/** libvirt's objects through SSH: what is copied, what a cut leaves, what is read back. No guest runs. */

const MINUTE = 60_000;
const MIB = 2 ** 20;
const SIZE = 32 * MIB;
jest.setTimeout(2 * MINUTE);

const STACK = { stackId: "c0ffee" };
const poolArgs = { name: "pool", type: "dir", path: "/var/lib/libvirt/replikube/pool", ...STACK };

let directory: string;
let host: FakeHost;
let uri: string;
let namespace: string;

/** On the host's own file system. */
const poolFolder = (): string => join(directory, "host/lib/replikube/pool");
const source = (): string => join(directory, "image");
const volumeArgs = () => ({ name: "image", pool: "pool", format: "raw", source: source(), ...STACK });

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "remote-"));
  const { libvirtdPid, namespace: name } = await startEmbeddedHost({ directory: join(directory, "host") });
  namespace = name;
  host = await startFakeHost({
    directory,
    program: (command) => ["nsenter", `--target=${libvirtdPid}`, "--mount", "--net", "--", "sh", "-c", command],
  });
  const { port, knownHosts, keyFile } = host;
  uri = `qemu+ssh://root@127.0.0.1:${port}/system?known_hosts=${knownHosts}&keyfile=${keyFile}`;
  configure({ uri });
  writeFileSync(source(), randomBytes(SIZE));
}, MINUTE);

afterAll(async () => {
  await host.close();
  await stopEmbeddedHost(join(directory, "host"), { force: true });
  rmSync(directory, { recursive: true, force: true });
}, MINUTE);

/** Written, not only promised. */
const arrived = (): number => {
  const file = join(poolFolder(), "image");
  return existsSync(file) ? statSync(file).blocks * 512 : 0;
};

it("copies a file once the line holds, and nothing of a copy that was cut is taken for it", async () => {
  await create(pool, "p", poolArgs);
  const cut = create(volume, "v", volumeArgs(), { timeoutSeconds: 60 }).catch((error: unknown) => error);
  while (arrived() < MIB) await new Promise((resolve) => setTimeout(resolve, 2));
  host.cut();
  const error = await cut;
  expect(error).toMatchObject({ name: "HostFailure", message: expect.stringContaining("the connection was lost: ") });
  expect(arrived()).toBeLessThan(SIZE);
  const made = await create(volume, "v", volumeArgs(), { timeoutSeconds: 60 });
  expect(made.id).toBe(`${poolArgs.path}/image`);
  expect(readFileSync(join(poolFolder(), "image")).equals(readFileSync(source()))).toBe(true);
});

it("says how far it is on a slow line, and comes to its end", async () => {
  const said: string[] = [];
  const say = async (line: string): Promise<void> => void said.push(line);
  host.slowDown(4 * MIB);
  const started = performance.now();
  const upload = { name: "image", pool: "pool", source: source(), deadlineSeconds: 60 };
  await uploadVolume(virshFor(uri), upload, say, 0.5);
  expect(performance.now() - started).toBeGreaterThan(7000);
  host.slowDown(Infinity);
  const copied = said.map((line) => Number(/^image: (\d+) of 32 MiB are copied$/.exec(line)?.[1]));
  expect(copied.length).toBeGreaterThan(2);
  expect(copied).toEqual(copied.toSorted((a, b) => a - b));
  expect(readFileSync(join(poolFolder(), "image")).equals(readFileSync(source()))).toBe(true);
});

const ofStack = (stackId: string) => markOf(stackId, "urn:pulumi:trial::replikube::libvirt::v");

it("carries what stacks share over the line once for a host", async () => {
  const other = { ...poolArgs, name: "other", path: "/var/lib/libvirt/replikube/other", stackId: "beef" };
  const made = await create(pool, "o", other);
  const virsh = virshFor(uri);
  const said: string[] = [];
  const share = (into: "pool" | "other") => {
    const mark = ofStack(into === "pool" ? "c0ffee" : "beef");
    const inputs = volumeInputs.parse({ name: "kernel", pool: into, format: "raw", source: source(), shared: true });
    return makeVolume(virsh, inputs, mark, { say: async (line) => void said.push(line) });
  };
  await share("pool");
  expect(said.filter((line) => line.includes("was on the host"))).toEqual([]);
  await share("other");
  expect(said).toContain("image: was on the host, copied there from pool pool");
  const copy = join(directory, "host/lib/replikube/other/kernel");
  expect(readFileSync(copy).equals(readFileSync(source()))).toBe(true);

  // Without its mark it may be half of something, and another content is another content.
  await unmarkContent(virsh, { pool: "pool", name: "kernel" });
  await unmarkContent(virsh, { pool: "other", name: "kernel" });
  expect(await findSharedCopy(virsh, await digestOf(source()))).toBeUndefined();
  await removeVolume(virsh, { name: "kernel", pool: "pool" }, ofStack("c0ffee"));
  await removeVolume(virsh, { name: "kernel", pool: "other" }, ofStack("beef"));
  await share("other");
  await removeVolume(virsh, { name: "kernel", pool: "other" }, ofStack("beef"));
  expect(await volumeNames(virsh, "other")).toEqual(["replikube-mark"]);
  await remove(pool, "o", made);
});

it("reads what a machine printed, and its last bytes alone when there are many", async () => {
  const path = `${poolArgs.path}/worker-0.console.log`;
  const virsh = virshFor(uri);
  expect(await consoleTail(virsh, path, MIB)).toContain(`no file ${path}`);
  writeFileSync(join(poolFolder(), "worker-0.console.log"), "Linux version\nlogin:\n");
  expect(await consoleTail(virsh, path, MIB)).toBe("Linux version\nlogin:\n");
  expect(await consoleTail(virsh, path, "login:\n".length)).toBe("login:\n");
});

const inHost = (...args: string[]) => execFileSync("ip", ["-n", namespace, ...args]);

it("knows the host's own routes and bridges", async () => {
  inHost("link", "add", "foreign", "type", "bridge");
  inHost("address", "add", "10.66.1.1/24", "dev", "foreign");
  inHost("link", "set", "foreign", "up");
  expect(await addressesInUse(uri)).toContainEqual({ cidr: "10.66.1.0/24", who: "route 10.66.1.0/24 dev foreign" });
  expect(await scanHost(uri)).toContainEqual({ kind: "bridge", name: "foreign" });
});

it("takes the consoles and the folder away with the pool", async () => {
  writeFileSync(join(poolFolder(), "worker-0.console.log.0"), "older\n");
  const made = await create(pool, "p", poolArgs);
  const inputs = volumeArgs();
  await remove(volume, "v", { id: `${poolArgs.path}/image`, inputs, state: inputs });
  await remove(pool, "p", made);
  expect(existsSync(poolFolder())).toBe(false);
  expect(readdirSync(join(directory, "host/lib/replikube"))).toEqual([]);
});
