import { setTimeout as sleep } from "node:timers/promises";
import type { NodeAccess } from "../plan/bootstrap-resources";
import { lookAtDomain } from "./libvirt/domains";
import type { Virsh } from "./virsh";

/** Work on a machine that may be taken away meanwhile: the engine deletes what depends on each other by several chains at once. */

type Machine = Pick<NodeAccess, "domainName" | "instance">;

const LOOK_SECONDS = 2;

/** Only libvirt's positive answer counts: the domain is not there, or it is another machine under the same name. */
async function isGone(virsh: Virsh, { domainName, instance }: Machine): Promise<boolean> {
  try {
    const there = await lookAtDomain(virsh, domainName);
    return there === undefined || there.instance !== instance;
  } catch {
    return false;
  }
}

/** Aborts the work, and forgets its failure, once the machine is gone. */
export async function whileMachineIsThere(
  virsh: Virsh,
  machine: Machine,
  work: (signal: AbortSignal) => Promise<void>,
  lookSeconds = LOOK_SECONDS,
): Promise<void> {
  const gone = new AbortController();
  const done = new AbortController();
  const watch = async (): Promise<void> => {
    while (!done.signal.aborted) {
      if (await isGone(virsh, machine)) return gone.abort();
      await sleep(lookSeconds * 1000, undefined, { signal: done.signal }).catch(() => undefined);
    }
  };
  const watching = watch();
  try {
    await work(gone.signal);
  } catch (error) {
    if (!gone.signal.aborted && !(await isGone(virsh, machine))) throw error;
  } finally {
    done.abort();
    await watching;
  }
}
