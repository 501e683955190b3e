import { existsSync } from "node:fs";
import { formatCidr, parseCidr } from "../plan/addresses";
import type { Occupant } from "../plan/claims";
import { DEADLINES, lengthen } from "../plan/deadlines";
import { socketOfUri } from "../plan/embedded-host";
import { CommandError, ReplikubeError, StepTimeout } from "./errors";
import { linesOf } from "./libvirt/objects";
import { localRunner } from "./local-runner";
import { commandInReach, reachOf, type Reach } from "./reach";
import { NotFound, virshFor, type Virsh } from "./virsh";

/** Which addresses are in use where a stack's network would be: by routes and by other libvirt networks. */

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

/** What was seen, and why that may not be all. */
interface Seen {
  readonly occupants: readonly Occupant[];
  readonly failure?: unknown;
}

async function networksOf(virsh: Virsh): Promise<Seen> {
  const names = await linesOf(virsh, "net-list", "--all", "--name");
  const looks = await Promise.allSettled(
    names.map(async (name) => networkBlocks(name, (await virsh.run(["net-dumpxml", name])).stdout)),
  );
  // One that goes away meanwhile holds nothing.
  const failed = looks.find((look) => look.status === "rejected" && !(look.reason instanceof NotFound));
  return {
    occupants: looks.flatMap((look) => (look.status === "fulfilled" ? look.value : [])),
    ...(failed?.status === "rejected" && { failure: failed.reason }),
  };
}

async function routesIn(reach: Reach, deadlineSeconds: number): Promise<Seen> {
  const command = commandInReach(reach, ["ip", "-4", "-j", "route"]);
  const { exitCode, stdout, stderr } = await localRunner.run(command, { deadlineSeconds });
  if (exitCode !== 0) throw new ReplikubeError(lastLine(stderr) || `ip exited with code ${exitCode}`);
  const routes: readonly { readonly dst?: string; readonly dev?: string }[] = JSON.parse(stdout);
  const occupants = routes
    .filter(({ dst }) => dst !== undefined && dst !== "default")
    .map(({ dst = "", dev = "" }) => ({
      cidr: dst.includes("/") ? dst : `${dst}/32`,
      who: `route ${dst} dev ${dev}`,
    }));
  return { occupants };
}

const lastLine = (text: string): string => text.trimEnd().split("\n").at(-1) ?? "";

function reasonOf(error: unknown): string {
  // The first lines of libvirt's words are about what it was to do, the last one is why it did not.
  if (error instanceof CommandError) return lastLine(error.output);
  const [what = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
  return error instanceof StepTimeout ? `${what}; ${lengthen("virsh")}` : what;
}

/** What cannot be looked at counts as free, and it is said: creation meets what is really there. */
async function looked(what: string, look: Promise<Seen>): Promise<readonly Occupant[]> {
  const { occupants, failure } = await look.catch((error: unknown): Seen => ({ occupants: [], failure: error }));
  if (failure !== undefined)
    console.error(`${what} could not be looked at, so their addresses count as free: ${reasonOf(failure)}`);
  return occupants;
}

function whose(reach: Reach): string {
  if (reach.kind === "direct") return "this machine";
  return reach.kind === "namespace" ? `network namespace ${reach.name}` : reach.host.name;
}

/** An embedded host that is still to be started has no socket, and certainly no networks. */
function isAbsent(libvirtUri: string): boolean {
  const socket = socketOfUri(libvirtUri);
  return socket !== undefined && !existsSync(socket);
}

/** Guests of an embedded host live in a namespace of its own, but its block must not hide an address of the machine either. */
function placesOfRoutes(reach: Reach): readonly Reach[] {
  if (reach.kind !== "namespace") return [reach];
  return [...(existsSync(reach.path) ? [reach] : []), { kind: "direct" }];
}

/** `seconds`: for each look. */
export async function addressesInUse(
  libvirtUri: string,
  seconds: number = DEADLINES.virsh.seconds,
): Promise<readonly Occupant[]> {
  const virsh = virshFor(libvirtUri, localRunner, seconds);
  const networks = isAbsent(libvirtUri) ? [] : [looked(`networks of ${libvirtUri}`, networksOf(virsh))];
  const routes = placesOfRoutes(reachOf(libvirtUri)).map((reach) =>
    looked(`routes of ${whose(reach)}`, routesIn(reach, seconds)),
  );
  return (await Promise.all([...networks, ...routes])).flat();
}
