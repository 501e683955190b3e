import { formatCidr, parseCidr } from "../plan/addresses";
import type { Occupant } from "../plan/claims";
import { localRunner } from "./local-runner";
import { commandInReach, reachOf, type Reach } from "./reach";
import { virshFor, type Virsh } from "./virsh";

/** Which addresses are in use where a stack's network would be: by routes and by other libvirt networks. */

const LOOK_SECONDS = 10;

/** A network's own line: `<ip address='10.0.0.1' netmask='255.255.255.0'>`, or with prefix. */
const IP = /<ip\b[^>]*\baddress='([\d.]+)'[^>]*\b(?:netmask='([\d.]+)'|prefix='(\d+)')/g;

const prefixOf = (netmask: string): number =>
  netmask
    .split(".")
    .map((part) => Number(part).toString(2).replaceAll("0", "").length)
    .reduce((sum, bits) => sum + bits, 0);

/** The block that an address lies in. */
function blockOf(address: string, prefix: number): string {
  const host = parseCidr(`${address}/32`);
  if (host === undefined) return "";
  return formatCidr({ base: host.base - (host.base % 2 ** (32 - prefix)), prefix });
}

/** What a network's XML says of addresses. */
export const networkBlocks = (name: string, xml: string): readonly Occupant[] =>
  [...xml.matchAll(IP)].map(([, address = "", netmask, prefix]) => ({
    cidr: blockOf(address, netmask === undefined ? Number(prefix) : prefixOf(netmask)),
    who: `libvirt network ${name}`,
  }));

async function networksOf(virsh: Virsh): Promise<readonly Occupant[]> {
  const options = { deadlineSeconds: LOOK_SECONDS };
  const { stdout } = await virsh.run(["net-list", "--all", "--name"], options);
  const names = stdout
    .split("\n")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  const looks = names.map(async (name) => {
    const { stdout: xml } = await virsh.run(["net-dumpxml", name], options);
    return networkBlocks(name, xml);
  });
  // One that goes away meanwhile holds nothing.
  return (await Promise.allSettled(looks)).flatMap((look) => (look.status === "fulfilled" ? look.value : []));
}

async function routesIn(reach: Reach): Promise<readonly Occupant[]> {
  const command = commandInReach(reach, ["ip", "-4", "-j", "route"]);
  const { exitCode, stdout } = await localRunner.run(command, { deadlineSeconds: LOOK_SECONDS });
  if (exitCode !== 0) return [];
  const routes: readonly { readonly dst?: string; readonly dev?: string }[] = JSON.parse(stdout);
  return routes
    .filter(({ dst }) => dst !== undefined && dst !== "default")
    .map(({ dst = "", dev = "" }) => ({
      cidr: dst.includes("/") ? dst : `${dst}/32`,
      who: `route ${dst} dev ${dev}`,
    }));
}

/** What cannot be looked at counts as free: a preview needs no libvirt, and creation meets what is really there. */
export async function addressesInUse(libvirtUri: string): Promise<readonly Occupant[]> {
  // Guests of an embedded host live in a namespace of its own, but its block must not hide an address of the machine either.
  const reach = reachOf(libvirtUri);
  const places: readonly Reach[] = reach.kind === "namespace" ? [reach, { kind: "direct" }] : [reach];
  const looks = [networksOf(virshFor(libvirtUri)), ...places.map(routesIn)];
  const results = await Promise.all(looks.map((look) => look.catch((): readonly Occupant[] => [])));
  return results.flat();
}
