import { execFileSync, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { proveNothingLeft, type ProofRequest } from "../../cli/destroy-proof";
import { placesOf } from "../../cli/places";
import { startEmbeddedHost, stopEmbeddedHost } from "../../drivers/embedded-host";
import { scanHost } from "../../drivers/host-scan";
import { makeDomain } from "../../drivers/libvirt/domains";
import { makeNetwork } from "../../drivers/libvirt/networks";
import { makePool } from "../../drivers/libvirt/pools";
import { virshFor, type Virsh } from "../../drivers/virsh";
import { recordStack } from "../../facts/stack-register";
import { domainInputs, networkInputs } from "../../plan/libvirt/inputs";
import { markOf, type Mark } from "../../plan/mark";
import { bridgeName } from "../../plan/names";
import { stackDirectory } from "../../plan/plan-topology";

/** What `./lab destroy` says at its end, on a real libvirt with everything there that a stack can leave. */

const MINUTE = 60_000;
const PFLASH_BYTES = 256 * 1024;
const DEV = { project: "replikube", stack: "dev" };
const BRIDGE = bridgeName(DEV);

const directory = mkdtempSync(join(tmpdir(), "rk-"));
const [lab, disks] = [join(directory, "lab"), join(directory, "disks")];
const ownPool = join(stackDirectory(lab, "dev"), "pool");
/** In libvirt's own folder. */
const kept = (path: string): string => join(directory, "host/lib", path);

let virsh: Virsh;
let namespace: string;

beforeAll(async () => {
  process.env["XDG_CACHE_HOME"] = join(directory, "cache");
  process.env["REPLIKUBE_CLAIMS"] = join(directory, "claims");
  const host = await startEmbeddedHost({ directory: join(directory, "host") });
  virsh = virshFor(host.uri);
  ({ namespace } = host);
}, MINUTE);

afterAll(async () => {
  await stopEmbeddedHost(join(directory, "host"), { force: true });
  rmSync(directory, { recursive: true });
  delete process.env["XDG_CACHE_HOME"];
  delete process.env["REPLIKUBE_CLAIMS"];
}, MINUTE);

interface Proof {
  readonly said: readonly string[];
  /** Empty: it holds. */
  readonly error: string;
}

async function proof(request: Pick<ProofRequest, "stackId">): Promise<Proof> {
  const said: string[] = [];
  const where = { libvirtUri: virsh.uri, callSeconds: 60, backend: "", poolFolders: [disks] };
  const proven = proveNothingLeft(placesOf(lab), { ...DEV, ...where, ...request }, (line) => said.push(line));
  return { said, error: await proven.then(() => "", String) };
}

/** What the error names, each with the command that it gives for it. */
const named = ({ error }: Proof): readonly (readonly string[])[] =>
  [...error.matchAll(/^ {2}(.+?): (.+)$/gm)].map(([, object = "", command = ""]) => [object, command]);

const follow = (commands: readonly (readonly string[])[]): void => {
  for (const [, command = ""] of commands) spawnSync("bash", ["-c", command]);
};

const network = (mark: Mark | undefined) =>
  makeNetwork(
    virsh,
    networkInputs.parse({
      name: "replikube-dev",
      bridge: BRIDGE,
      mode: "none",
      addresses: ["10.77.1.0/24"],
      dhcpHosts: [{ mac: "52:54:00:00:00:01", ip: "10.77.1.5", name: "a" }],
    }),
    mark,
  );

const domain = (name: string, mark: Mark | undefined, more: object = {}) =>
  makeDomain(virsh, domainInputs.parse({ name, type: "qemu", memory: 32, ...more }), {
    uuid: randomUUID(),
    instance: "1",
    mark,
  });

const disk = (name: string) => virsh.run(["vol-create-as", "replikube-dev", name, "1M", "--format", "qcow2"]);

const others = (name: string): Mark => markOf("bb22", `urn:pulumi:dev::replikube::libvirt:index/any:Any::${name}`);

const REMAINS = {
  NVRAM: kept("qemu/nvram/replikube-dev-worker-0_VARS.fd"),
  "saved state": kept("qemu/save/replikube-dev-worker-0.save"),
  snapshot: kept("qemu/snapshot/replikube-dev-worker-1/before.xml"),
  leases: kept(`dnsmasq/${BRIDGE}.status`),
  "dnsmasq configuration": kept("dnsmasq/replikube-dev.conf"),
  file: join(disks, "replikube-dev-worker-1.qcow2"),
} as const;

const remainsNamed = Object.entries(REMAINS).map(([kind, path]) => `${kind} ${path}`);

/** By libvirt itself, and without a mark, so that nothing of it goes by itself. */
async function makeEverything(): Promise<void> {
  const firmware = join(directory, "firmware.fd");
  writeFileSync(firmware, Buffer.alloc(PFLASH_BYTES));
  await network(undefined);
  await makePool(virsh, "replikube-dev", disks, undefined);
  await disk("replikube-dev-worker-1.qcow2");
  await domain("replikube-dev-worker-0", undefined, {
    firmware,
    nvram: { template: firmware },
    networkInterfaces: [{ networkName: "replikube-dev", mac: "52:54:00:00:00:01" }],
  });
  // libvirt 9.0 makes no snapshot of a guest that has NVRAM.
  await domain("replikube-dev-worker-1", undefined, { disks: [{ volumeId: REMAINS.file }] });
  await virsh.run(["managedsave", "replikube-dev-worker-0"]);
  await virsh.run(["snapshot-create-as", "replikube-dev-worker-1", "before"]);
}

const HOLDS = [
  "stack dev: nothing is left: no domain, network, pool, volume, bridge, snapshot, saved state, NVRAM, lease or file",
];

test("on a host where nothing of the stack is, it holds", async () => {
  expect(await proof({ stackId: "aa11" })).toEqual({ said: HOLDS, error: "" });
});

test(
  "it fails once and names everything that is left, with commands after which it holds",
  async () => {
    await makeEverything();
    const found = await proof({ stackId: "aa11" });
    expect(found.said).toEqual([]);
    expect(found.error).toContain(`stack dev: destroyed, but this is left on ${virsh.uri}:`);
    expect(named(found).map(([object]) => object)).toEqual(
      expect.arrayContaining([
        "domain replikube-dev-worker-0",
        "domain replikube-dev-worker-1",
        "volume replikube-dev-worker-1.qcow2 in pool replikube-dev",
        "pool replikube-dev",
        "network replikube-dev",
        `bridge ${BRIDGE}`,
        ...remainsNamed,
      ]),
    );
    follow(named(found));
    expect(await proof({ stackId: "aa11" })).toEqual({ said: HOLDS, error: "" });
  },
  2 * MINUTE,
);

test("what a dead libvirt forgot is found by its place alone, also in a pool's folder that the stack had chosen", async () => {
  for (const path of Object.values(REMAINS)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, "");
  }
  execFileSync("ip", ["-n", namespace, "link", "add", BRIDGE, "type", "bridge"]);
  const found = await proof({ stackId: "aa11" });
  expect(named(found)).toEqual([
    [`bridge ${BRIDGE}`, `nsenter --net=/run/netns/${namespace} -- ip link delete ${BRIDGE}`],
    ...Object.entries(REMAINS).map(([kind, path]) => [`${kind} ${path}`, `rm${kind === "file" ? " -r" : ""} ${path}`]),
  ]);
  follow(named(found));
  expect(await proof({ stackId: "aa11" })).toEqual({ said: HOLDS, error: "" });
});

test(
  "a stack of the same name of another checkout stays, it is said whose it is, and what is the stack's own is found beside it",
  async () => {
    const other = join(directory, "other");
    recordStack({ ...DEV, stackId: "bb22", checkout: other, libvirtUri: virsh.uri });
    await network(others("network"));
    await makePool(virsh, "replikube-dev", disks, others("pool"));
    await disk("replikube-dev-worker-0.qcow2");
    await domain("replikube-dev-worker-0", others("worker-0"));
    const before = await scanHost(virsh.uri);

    for (const known of [{ stackId: "aa11" }, {}]) {
      const { said, error } = await proof(known);
      expect(error).toBe("");
      const [theirs = "", ...rest] = said;
      expect(theirs).toContain(
        `stack dev: left alone, because it is that of stack dev of project replikube in ${other}, id bb22: domain replikube-dev-worker-0, network replikube-dev, pool replikube-dev,`,
      );
      expect(theirs).toContain(`file ${disks}/replikube-dev-worker-0.qcow2`);
      expect(theirs).toContain(`leases ${REMAINS.leases}`);
      expect(rest).toEqual(HOLDS);
    }

    const own = join(ownPool, "replikube-dev-worker-0.qcow2");
    mkdirSync(ownPool, { recursive: true });
    writeFileSync(own, "");
    expect(named(await proof({ stackId: "aa11" }))).toEqual([[`file ${own}`, `rm -r ${own}`]]);
    expect(await scanHost(virsh.uri)).toEqual(before);
  },
  2 * MINUTE,
);
