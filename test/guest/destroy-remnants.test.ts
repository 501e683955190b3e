import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedHost, stopEmbeddedHost } from "../../drivers/embedded-host";
import { hostFiles } from "../../drivers/host-files";
import { removeRemnants } from "../../drivers/host-removal";
import { scanHost } from "../../drivers/host-scan";
import { makeDomain } from "../../drivers/libvirt/domains";
import { makeNetwork } from "../../drivers/libvirt/networks";
import { makePool } from "../../drivers/libvirt/pools";
import { virshFor, type Virsh } from "../../drivers/virsh";
import { describe as textOf } from "../../plan/host-object";
import { sortByOwner } from "../../plan/leftovers";
import { domainInputs, networkInputs } from "../../plan/libvirt/inputs";
import { markOf } from "../../plan/mark";
import { bridgeName } from "../../plan/names";
import { stackDirectory } from "../../plan/plan-topology";
import { POOL_URN_END } from "../../plan/stack-pool";

/** What a killed `up` leaves, made with the provider's own drivers on a real libvirt. */

const MINUTE = 60_000;
const directory = mkdtempSync(join(tmpdir(), "rk-"));
const stackFolder = stackDirectory(directory, "dev");
const poolFolder = join(stackFolder, "pool");
const dev = { project: "replikube", stack: "dev", stackId: "aa11" };

let uri: string;
let virsh: Virsh;

beforeAll(async () => {
  ({ uri } = await startEmbeddedHost({ directory: join(directory, "host") }));
  virsh = virshFor(uri);
}, MINUTE);

afterAll(async () => {
  await stopEmbeddedHost(join(directory, "host"), { force: true });
  rmSync(directory, { recursive: true });
}, MINUTE);

const markIn = (stack: string, stackId: string, name: string) =>
  markOf(stackId, `urn:pulumi:${stack}::replikube::libvirt:index/any:Any::${name}`);

async function runningDomain(name: string, stack: string, stackId: string): Promise<void> {
  const inputs = domainInputs.parse({ name, type: "qemu", memory: 32 });
  await makeDomain(virsh, inputs, { uuid: randomUUID(), instance: "1", mark: markIn(stack, stackId, name) });
}

const network = (name: string, bridge: string, cidr: string) =>
  networkInputs.parse({ name, bridge, mode: "none", addresses: [cidr] });

const objectsHere = async () => [...(await scanHost(uri)), ...hostFiles(uri, [poolFolder]).objects];

async function left(): Promise<readonly string[]> {
  const known = { hostName: "", backend: "", libvirtUri: uri, records: [] };
  return sortByOwner(await objectsHere(), { ...dev, ...known, checkout: directory }).own.map(textOf);
}

const removed = async () => removeRemnants(uri, { identity: dev, poolFolder, objects: await scanHost(uri) });

test(
  "everything with the stack's own id goes, running or not, and nothing else",
  async () => {
    mkdirSync(stackFolder, { recursive: true });
    await makePool(virsh, "replikube-dev", poolFolder, markIn("dev", "aa11", "pool"));
    await virsh.run(["vol-create-as", "replikube-dev", "replikube-dev-worker-0.qcow2", "1M", "--format", "qcow2"]);
    await makeNetwork(virsh, network("replikube-dev", bridgeName(dev), "10.77.1.0/24"), markIn("dev", "aa11", "net"));
    await makeNetwork(virsh, network("replikube-two", "rktwo", "10.77.2.0/24"), markIn("two", "bb22", "net"));
    await runningDomain("replikube-dev-worker-0", "dev", "aa11");
    await runningDomain("replikube-dev-worker-1", "dev", "cc33");

    // The disk and the pool's mark are two volumes and two files, and dnsmasq has four files of the network.
    expect(await left()).toHaveLength(12);
    expect(await removed()).toEqual([
      "domain replikube-dev-worker-0",
      "volume replikube-dev-worker-0.qcow2",
      "pool replikube-dev",
      "network replikube-dev",
    ]);
    expect(await left()).toEqual([]);
    const objects = await scanHost(uri);
    expect(objects.map(({ kind, name }) => `${kind} ${name}`).sort()).toEqual([
      "bridge rktwo",
      "domain replikube-dev-worker-1",
      "network replikube-two",
    ]);
    expect(await removed()).toEqual([]);
  },
  2 * MINUTE,
);

test.each(["on", "off"])(
  "a pool that was killed before it had its mark goes by its UUID, wherever it lies: %s",
  async (state) => {
    const mark = markOf("aa11", `urn:pulumi:dev::replikube::${POOL_URN_END}`);
    await makePool(virsh, "replikube-dev", join(directory, "cut-off"), mark);
    await virsh.run(["vol-delete", "replikube-mark", "--pool", "replikube-dev"]);
    await virsh.run(["vol-create-as", "replikube-dev", "replikube-dev-worker-0.qcow2", "1M", "--format", "qcow2"]);
    if (state === "off") await virsh.run(["pool-destroy", "replikube-dev"]);
    expect(await removed()).toEqual(["pool replikube-dev"]);
    expect(await left()).toEqual([]);
    expect(existsSync(join(directory, "cut-off"))).toBe(false);
  },
  2 * MINUTE,
);

test(
  "a pool that nobody marked goes only when its folder is the stack's own",
  async () => {
    await makePool(virsh, "replikube-dev", join(directory, "elsewhere"), undefined);
    expect(await removed()).toEqual([]);
    await virsh.run(["pool-destroy", "replikube-dev"]);
    await virsh.run(["pool-undefine", "replikube-dev"]);

    await makePool(virsh, "replikube-dev", poolFolder, undefined);
    expect(await removed()).toEqual(["pool replikube-dev"]);
    expect(await left()).toEqual([]);
  },
  2 * MINUTE,
);
