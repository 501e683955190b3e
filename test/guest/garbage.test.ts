import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { leftAlone } from "../../cli/garbage-left";
import { garbageOf } from "../../cli/garbage-removal";
import { placesOf } from "../../cli/places";
import { guestsIn, startEmbeddedHost, stopEmbeddedHost } from "../../drivers/embedded-host";
import { scanHost } from "../../drivers/host-scan";
import { makeDomain } from "../../drivers/libvirt/domains";
import { makeNetwork } from "../../drivers/libvirt/networks";
import { makePool } from "../../drivers/libvirt/pools";
import { stackRecords } from "../../drivers/stack-records";
import { presenceOf } from "../../drivers/visible-files";
import { virshFor, type Virsh } from "../../drivers/virsh";
import { recordStack } from "../../facts/stack-register";
import { embeddedHostLayout } from "../../plan/embedded-host";
import { verdictsOn, type GarbageSearch } from "../../plan/garbage";
import { domainInputs, networkInputs } from "../../plan/libvirt/inputs";
import { markOf } from "../../plan/mark";
import { bridgeName } from "../../plan/names";
import { stackDirectory } from "../../plan/plan-topology";
import { backendDigest, ownBackend } from "../../plan/stack-record";

/** Stacks of several checkouts on one real libvirt, made with the provider's own drivers; one of the checkouts looks for garbage. */

const MINUTE = 60_000;
const directory = mkdtempSync(join(tmpdir(), "rk-"));
const checkout = (name: string): string => join(directory, name);
const LAB = checkout("lab");
const places = placesOf(LAB);

let uri: string;
let virsh: Virsh;

beforeAll(async () => {
  process.env["XDG_CACHE_HOME"] = join(directory, "cache");
  process.env["REPLIKUBE_CLAIMS"] = join(directory, "claims");
  for (const name of ["lab", "other", "gone"]) mkdirSync(checkout(name));
  ({ uri } = await startEmbeddedHost({ directory: join(directory, "host") }));
  virsh = virshFor(uri);
}, MINUTE);

afterAll(async () => {
  await stopEmbeddedHost(join(directory, "host"), { force: true });
  rmSync(directory, { recursive: true });
  delete process.env["XDG_CACHE_HOME"];
  delete process.env["REPLIKUBE_CLAIMS"];
}, MINUTE);

const markIn = (stack: string, stackId: string, name: string) =>
  markOf(stackId, `urn:pulumi:${stack}::replikube::libvirt:index/any:Any::${name}`);

async function domain(name: string, stack: string, stackId: string, on: Virsh = virsh): Promise<void> {
  const inputs = domainInputs.parse({ name, type: "qemu", memory: 32 });
  await makeDomain(on, inputs, { uuid: randomUUID(), instance: "1", mark: markIn(stack, stackId, name) });
}

async function network(stack: string, stackId: string, cidr: string): Promise<void> {
  const name = `replikube-${stack}`;
  const bridge = bridgeName({ project: "replikube", stack });
  const inputs = networkInputs.parse({ name, bridge, mode: "none", addresses: [cidr] });
  await makeNetwork(virsh, inputs, markIn(stack, stackId, "network"));
}

async function pool(stack: string, stackId: string, of: string): Promise<void> {
  const name = `replikube-${stack}`;
  const path = join(stackDirectory(of, stack), "pool");
  mkdirSync(stackDirectory(of, stack), { recursive: true });
  await makePool(virsh, name, path, markIn(stack, stackId, "pool"));
  await virsh.run(["vol-create-as", name, `${name}-worker-0.qcow2`, "1M", "--format", "qcow2"]);
}

const recorded = (stack: string, stackId: string, of: string, libvirtUri = uri): void =>
  recordStack({ project: "replikube", stack, stackId, checkout: of, libvirtUri }, undefined, {
    PULUMI_BACKEND_URL: ownBackend(of),
  });

async function search(): Promise<GarbageSearch> {
  return {
    checkout: LAB,
    hostName: hostname(),
    backend: backendDigest(ownBackend(LAB)),
    listsEveryStack: true,
    ownStacks: [{ stack: "live", stackId: "bb22" }],
    records: stackRecords(LAB).map((record) => ({ ...record, checkoutIs: presenceOf(record.checkout) })),
    libvirtUri: uri,
    objects: await scanHost(uri),
  };
}

async function found() {
  const all = await search();
  const verdicts = verdictsOn(all);
  return { garbage: garbageOf(places, all, verdicts), left: leftAlone(places, all, verdicts) };
}

const namesOf = (findings: readonly { readonly what: readonly string[] }[]): readonly string[] =>
  findings.flatMap(({ what }) => what).toSorted();

test(
  "what a checkout has lost goes with what is of a checkout that is gone, and nothing else is touched",
  async () => {
    await network("live", "bb22", "10.77.1.0/24");
    recorded("live", "bb22", LAB);
    await pool("lost", "aa11", LAB);
    await network("lost", "aa11", "10.77.2.0/24");
    await domain("replikube-lost-worker-0", "lost", "aa11");
    recorded("lost", "aa11", LAB);
    await domain("replikube-dev-worker-0", "dev", "cc33");
    recorded("dev", "cc33", checkout("other"));
    await pool("old", "dd44", checkout("gone"));
    await domain("replikube-old-worker-0", "old", "dd44");
    recorded("old", "dd44", checkout("gone"));
    rmSync(checkout("gone"), { recursive: true });
    await network("stranger", "ee55", "10.77.3.0/24");

    const before = await found();
    expect(namesOf(before.garbage)).toEqual([
      "domain replikube-lost-worker-0",
      "domain replikube-old-worker-0",
      `folder ${stackDirectory(LAB, "lost")}`,
      "network replikube-lost",
      "pool replikube-lost",
      "pool replikube-old",
      "record of stack lost, id aa11",
      "record of stack old, id dd44",
      "volume replikube-lost-worker-0.qcow2 in pool replikube-lost",
    ]);
    expect(before.left).toEqual([
      { what: ["domain replikube-dev-worker-0"], why: expect.stringContaining(`${checkout("other")}, which is there`) },
      { what: ["network replikube-stranger"], why: expect.stringContaining("nothing is known of the checkout") },
    ]);
    const folder = before.garbage.find(({ what }) => what[0]?.startsWith("folder"));
    await expect(folder?.remove()).rejects.toThrow("what its stack has left could not be removed");
    for (const { remove } of before.garbage) await remove();

    expect((await scanHost(uri)).map(({ kind, name }) => `${kind} ${name}`).toSorted()).toEqual(
      [
        `bridge ${bridgeName({ project: "replikube", stack: "live" })}`,
        `bridge ${bridgeName({ project: "replikube", stack: "stranger" })}`,
        "domain replikube-dev-worker-0",
        "network replikube-live",
        "network replikube-stranger",
      ].toSorted(),
    );
    expect(existsSync(stackDirectory(LAB, "lost"))).toBe(false);
    const after = await found();
    expect(after.garbage).toEqual([]);
    expect(after.left).toEqual(before.left);
  },
  2 * MINUTE,
);

test(
  "an embedded host whose checkout was removed while it ran goes with its guests",
  async () => {
    const lost = join(checkout("removed"), ".state/host");
    const host = await startEmbeddedHost({ directory: lost });
    await domain("replikube-dev-worker-0", "dev", "ff66", virshFor(host.uri));
    recorded("dev", "ff66", checkout("removed"), host.uri);
    expect(guestsIn(lost)).toEqual(["replikube-dev-worker-0"]);
    rmSync(checkout("removed"), { recursive: true });

    const { namespace, namespacePath } = embeddedHostLayout(lost);
    const { garbage } = await found();
    expect(namesOf(garbage)).toEqual([
      `embedded host in network namespace ${namespace}`,
      "record of stack dev, id ff66",
    ]);
    for (const { remove } of garbage) await remove();
    expect(existsSync(namespacePath)).toBe(false);
    expect(existsSync(checkout("removed"))).toBe(false);
    expect((await found()).garbage).toEqual([]);
  },
  2 * MINUTE,
);
