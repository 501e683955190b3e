import type { HostObject } from "../plan/host-object";
import type { Mark } from "../plan/mark";
import { stackObjectName } from "../plan/names";
import { remnantsOf, type RemnantSearch } from "../plan/remnants";
import { volumesOf } from "./host-scan";
import { removeDomain } from "./libvirt/domains";
import { removeNetwork } from "./libvirt/networks";
import { lookAtPool, removePool } from "./libvirt/pools";
import { removeVolume } from "./libvirt/volume-changes";
import { localRunner } from "./local-runner";
import { virshFor, type Virsh } from "./virsh";

/** Takes away what a killed command made and Pulumi never heard of. */

const NO_ID = { id: "" } as const;

/** Off, it cannot show its mark; once it is on, another stack's is an error. It stays off when its directory is gone. */
async function removeUnseenPool(virsh: Virsh, name: string, mark: Mark): Promise<void> {
  const found = await lookAtPool(virsh, name);
  if (found === undefined) return;
  if (!found.active) await virsh.run(["pool-start", name]).catch(() => undefined);
  const isOn = found.active || (await lookAtPool(virsh, name))?.active === true;
  const disks = (isOn ? await volumesOf(virsh, name) : []).filter((disk) =>
    disk.name.startsWith(`${stackObjectName(mark)}-`),
  );
  for (const disk of disks) await removeVolume(virsh, { name: disk.name, pool: name }, mark);
  await removePool(virsh, name, { mark, id: found.uuid });
}

async function remove(virsh: Virsh, object: HostObject, mark: Mark): Promise<void> {
  const { kind, name, pool = "" } = object;
  if (kind === "domain") return removeDomain(virsh, name, { mark, ...NO_ID });
  if (kind === "volume") return removeVolume(virsh, { name, pool }, mark);
  if (kind === "network") return removeNetwork(virsh, name, { mark, ...NO_ID });
  if (object.mark === undefined) return removeUnseenPool(virsh, name, mark);
  return removePool(virsh, name, { mark, ...NO_ID });
}

/** Returns what it removed. `callSeconds`: of the stack whose remnants they are. */
export async function removeRemnants(
  libvirtUri: string,
  search: RemnantSearch,
  callSeconds?: number,
): Promise<readonly string[]> {
  const virsh = virshFor(libvirtUri, localRunner, callSeconds);
  const mark = { ...search.identity, resource: "" };
  const removed: string[] = [];
  for (const object of remnantsOf(search)) {
    await remove(virsh, object, mark);
    removed.push(`${object.kind} ${object.name}`);
  }
  return removed;
}
