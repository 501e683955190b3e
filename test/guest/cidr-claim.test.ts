import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { addressesInUse } from "../../drivers/host-addresses";
import { reachOf } from "../../drivers/reach";
import { claimCidr, releaseClaim, type ClaimRequest } from "../../facts/cidr-claim";
import { startLibvirtHost, type LibvirtHost } from "../fixtures/libvirt-host";

/** A stack's block of addresses, beside what a real libvirt and the network of its guests have already. */

const MINUTE = 60_000;
jest.setTimeout(MINUTE);

/** Two blocks, of a range for tests of networks (RFC 2544). */
const POOL = "198.18.0.0/23";
const BLOCKS = ["198.18.0.0/24", "198.18.1.0/24"] as const;
const BRIDGE = "foreign";

let host: LibvirtHost;
let request: ClaimRequest;

beforeAll(async () => {
  host = await startLibvirtHost();
  const checkout = host.inFolder("lab");
  mkdirSync(checkout);
  request = { project: "replikube", stack: "dev", checkout, cidrPool: POOL, libvirtUri: host.uri };
}, MINUTE);

afterEach(() => {
  host.clear();
  for (const { ifname } of JSON.parse(inNamespace("-j", "link")))
    if (ifname === BRIDGE) inNamespace("link", "delete", BRIDGE);
});

afterAll(() => host.remove(), MINUTE);

const ip = (...args: readonly string[]): string => execFileSync("ip", args, { encoding: "utf8" });

/** Of the embedded host, where nothing of this machine is. */
function inNamespace(...command: readonly string[]): string {
  const reach = reachOf(host.uri);
  if (reach.kind !== "namespace") throw new Error(`${host.uri} is no embedded host's`);
  return ip("-n", reach.name, ...command);
}

/** As of a stack that has never had one. */
async function claim(): Promise<string> {
  const claims = host.inFolder("claims");
  releaseClaim(request, claims);
  return claimCidr(request, claims);
}

const gateway = (block: string): string => block.replace(/0\/24$/, "1");

const defineNetwork = (block: string): void =>
  host.define(
    "net-define",
    `<network><name>taken</name><ip address='${gateway(block)}' netmask='255.255.255.0'/></network>`,
  );

function layRoute(block: string): void {
  inNamespace("link", "add", BRIDGE, "type", "bridge");
  inNamespace("address", "add", `${gateway(block)}/24`, "dev", BRIDGE);
  inNamespace("link", "set", BRIDGE, "up");
}

/** Which of the two a stack asks for first is its hash's choice; it goes to the other when that one is taken. */
async function firstAndOther(): Promise<readonly [string, string]> {
  const first = await claim();
  const other = BLOCKS.find((block) => block !== first);
  if (other === undefined) throw new Error(`${first} is not of ${POOL}`);
  return [first, other];
}

it("evades a libvirt network, also one that does not run", async () => {
  const [first, other] = await firstAndOther();
  defineNetwork(first);
  expect(await claim()).toBe(other);
});

it("evades a route of the guests' own network", async () => {
  const [first, other] = await firstAndOther();
  layRoute(first);
  expect(await claim()).toBe(other);
});

it("names both when nothing is left, and keeps what it had before they came", async () => {
  const [first, other] = await firstAndOther();
  defineNetwork(first);
  layRoute(other);
  expect(await claimCidr(request, host.inFolder("claims"))).toBe(first);
  const full = claim();
  await expect(full).rejects.toThrow(`cidrPool: ${POOL} has no free block`);
  await expect(full).rejects.toThrow("libvirt network taken");
  await expect(full).rejects.toThrow(`route ${other} dev ${BRIDGE}`);
});

it("knows this machine's own routes too, which a block of the namespace would hide", async () => {
  const routes: readonly { readonly dst: string }[] = JSON.parse(ip("-4", "-j", "route"));
  const blocks = routes.map(({ dst }) => dst).filter((dst) => dst.includes("/"));
  expect((await addressesInUse(host.uri)).map(({ cidr }) => cidr)).toEqual(expect.arrayContaining(blocks));
});
