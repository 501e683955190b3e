import { seenDomain } from "../plan/libvirt/domain-xml";
import { seenNetwork } from "../plan/libvirt/network-xml";
import type { HostObject } from "../plan/host-object";
import type { Mark } from "../plan/mark";
import { againOnceStopped } from "./libvirt/busy-storage";
import { ifFound, linesOf } from "./libvirt/objects";
import { lookAtPool } from "./libvirt/pools";
import { volumeNames } from "./libvirt/volume-names";
import { localRunner } from "./local-runner";
import { commandInReach, reachOf } from "./reach";
import { virshFor, type Virsh } from "./virsh";

/** Everything on a libvirt host that virsh and ip know and that could be a stack's, with its mark where it has one. Looks, and changes nothing. */

const xmlOf = async (virsh: Virsh, verb: string, name: string): Promise<string> =>
  (await virsh.run([verb, name])).stdout;

/** Each of them as it is found; one that goes away meanwhile is not there. */
async function each(
  found: readonly string[],
  look: (name: string) => Promise<readonly HostObject[]>,
): Promise<readonly HostObject[]> {
  const objects = await Promise.all(found.map((name) => ifFound(() => look(name))));
  return objects.flatMap((several) => several ?? []);
}

const marked = (kind: HostObject["kind"], name: string, mark: Mark | undefined): HostObject => ({
  kind,
  name,
  ...(mark !== undefined && { mark }),
});

const domains = async (virsh: Virsh): Promise<readonly HostObject[]> =>
  each(await linesOf(virsh, "list", "--all", "--name"), async (name) => [
    marked("domain", name, seenDomain(await xmlOf(virsh, "dumpxml", name)).mark),
  ]);

const networks = async (virsh: Virsh): Promise<readonly HostObject[]> =>
  each(await linesOf(virsh, "net-list", "--all", "--name"), async (name) => [
    marked("network", name, seenNetwork(await xmlOf(virsh, "net-dumpxml", name)).mark),
  ]);

/** Of a pool that is on. */
export async function volumesOf(virsh: Virsh, pool: string): Promise<readonly HostObject[]> {
  return (await volumeNames(virsh, pool)).map((name) => ({ kind: "volume", name, pool }) as const);
}

const pools = async (virsh: Virsh): Promise<readonly HostObject[]> =>
  each(await linesOf(virsh, "pool-list", "--all", "--name"), (name) =>
    againOnceStopped(async () => {
      const pool = await lookAtPool(virsh, name);
      if (pool === undefined) return [];
      const own: HostObject = { ...marked("pool", name, pool.mark), path: pool.path, uuid: pool.uuid };
      return pool.active ? [own, ...(await volumesOf(virsh, name))] : [own];
    }),
  );

/** Bridges where the guests are: of the namespace, of the host behind ssh, or of this machine. */
async function bridges(libvirtUri: string): Promise<readonly HostObject[]> {
  const command = commandInReach(reachOf(libvirtUri), ["ip", "-j", "link", "show", "type", "bridge"]);
  const { exitCode, stdout } = await localRunner.run(command, {
    deadlineSeconds: 30,
    ifLate: "find out what it waits for, and try again",
  });
  if (exitCode !== 0 || stdout.trim() === "") return [];
  const links: readonly { readonly ifname: string }[] = JSON.parse(stdout);
  return links.map(({ ifname }) => ({ kind: "bridge", name: ifname }) as const);
}

/** `callSeconds`: of the stack that is looked for. */
export async function scanHost(libvirtUri: string, callSeconds?: number): Promise<readonly HostObject[]> {
  const virsh = virshFor(libvirtUri, localRunner, callSeconds);
  return (await Promise.all([domains(virsh), networks(virsh), pools(virsh), bridges(libvirtUri)])).flat();
}
