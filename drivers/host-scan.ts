import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { seenDomain } from "../plan/libvirt/domain-xml";
import { seenNetwork } from "../plan/libvirt/network-xml";
import type { HostObject } from "../plan/leftovers";
import { lookAtPool } from "./libvirt/pools";
import { localRunner } from "./local-runner";
import { commandInReach, reachOf } from "./reach";
import { virshFor, type Virsh } from "./virsh";

/** Everything on a libvirt host that could be a stack's, with its mark where it has one. Looks, and changes nothing. */

const names = async (virsh: Virsh, ...args: readonly string[]): Promise<readonly string[]> =>
  (await virsh.run(args)).stdout
    .split("\n")
    .map((name) => name.trim())
    .filter((name) => name !== "");

const xmlOf = async (virsh: Virsh, verb: string, name: string): Promise<string> =>
  (await virsh.run([verb, name])).stdout;

async function domains(virsh: Virsh): Promise<readonly HostObject[]> {
  const found = await names(virsh, "list", "--all", "--name");
  return Promise.all(
    found.map(async (name) => {
      const { mark } = seenDomain(await xmlOf(virsh, "dumpxml", name));
      return { kind: "domain", name, ...(mark !== undefined && { mark }) } as const;
    }),
  );
}

async function networks(virsh: Virsh): Promise<readonly HostObject[]> {
  const found = await names(virsh, "net-list", "--all", "--name");
  return Promise.all(
    found.map(async (name) => {
      const { mark } = seenNetwork(await xmlOf(virsh, "net-dumpxml", name));
      return { kind: "network", name, ...(mark !== undefined && { mark }) } as const;
    }),
  );
}

async function volumesOf(virsh: Virsh, pool: string): Promise<readonly HostObject[]> {
  const lines = await names(virsh, "vol-list", pool);
  return lines.map((line) => ({ kind: "volume", name: line.split(/\s{2,}/)[0] ?? line, pool }) as const);
}

async function pools(virsh: Virsh): Promise<readonly HostObject[]> {
  const found = await names(virsh, "pool-list", "--all", "--name");
  const objects = await Promise.all(
    found.map(async (name): Promise<readonly HostObject[]> => {
      const pool = await lookAtPool(virsh, name);
      const own: HostObject = { kind: "pool", name, ...(pool?.mark !== undefined && { mark: pool.mark }) };
      return pool?.active === true ? [own, ...(await volumesOf(virsh, name))] : [own];
    }),
  );
  return objects.flat();
}

/** Bridges where the guests are: of the namespace, of the host behind ssh, or of this machine. */
async function bridges(libvirtUri: string): Promise<readonly HostObject[]> {
  const command = commandInReach(reachOf(libvirtUri), ["ip", "-j", "link", "show", "type", "bridge"]);
  const { exitCode, stdout } = await localRunner.run(command, { deadlineSeconds: 30 });
  if (exitCode !== 0 || stdout.trim() === "") return [];
  const links: readonly { readonly ifname: string }[] = JSON.parse(stdout);
  return links.map(({ ifname }) => ({ kind: "bridge", name: ifname }) as const);
}

/** Disks that no pool names any more. */
function files(poolFolder: string): readonly HostObject[] {
  if (!existsSync(poolFolder)) return [];
  return readdirSync(poolFolder).map((name) => ({ kind: "file", name: join(poolFolder, name) }) as const);
}

export async function scanHost(libvirtUri: string, poolFolder: string): Promise<readonly HostObject[]> {
  const virsh = virshFor(libvirtUri);
  const found = await Promise.all([domains(virsh), networks(virsh), pools(virsh), bridges(libvirtUri)]);
  return [...found.flat(), ...files(poolFolder)];
}
