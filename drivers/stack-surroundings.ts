import type { Mark } from "../plan/mark";
import type { StackMembers } from "../plan/stack-members";
import { ReplikubeError } from "./errors";
import { lookAtNetwork } from "./libvirt/networks";
import { ForeignObject, requireStacks } from "./libvirt/ownership";
import { lookAtPool, startPool } from "./libvirt/pools";
import type { Virsh } from "./virsh";

/** What a stack's machines need before they can start: after the host was started anew, networks and pools are there and off. */

type Surroundings = Pick<StackMembers, "networks" | "pools">;

const missing = (what: string): ReplikubeError =>
  new ReplikubeError(
    `host: ${what} is not there any more; nothing was started\nnext: ./lab refresh, then ./lab up, make it again`,
  );

async function startNetwork(virsh: Virsh, name: string, mark: Mark): Promise<void> {
  const found = await lookAtNetwork(virsh, name);
  if (found === undefined) throw missing(`network ${name}`);
  requireStacks(`network ${name}`, found.mark, mark, "changed");
  if (!found.active) await virsh.run(["net-start", name]);
}

/** A pool that is off cannot show its mark; its UUID came from it. */
async function startOwnPool(virsh: Virsh, { name, uuid }: Surroundings["pools"][number]): Promise<void> {
  const found = await lookAtPool(virsh, name);
  if (found === undefined) throw missing(`pool ${name}`);
  if (found.uuid !== uuid) throw new ForeignObject(`pool ${name}`, found.mark, "changed");
  await startPool(virsh, name);
}

export async function startSurroundings(virsh: Virsh, { networks, pools }: Surroundings, mark: Mark): Promise<void> {
  for (const network of networks) await startNetwork(virsh, network, mark);
  for (const pool of pools) await startOwnPool(virsh, pool);
}
