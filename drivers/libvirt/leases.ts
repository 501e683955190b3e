import type { DomainInputs } from "../../plan/libvirt/inputs";
import { awaitedLeases, parseLeases, type Addresses, type Awaited, type Lease } from "../../plan/libvirt/leases";
import { ReplikubeError } from "../errors";
import type { Virsh } from "../virsh";
import { waitUntil } from "../wait";
import { isOff } from "./domain-stop";
import { answer, ifFound } from "./objects";

/** Waits until the guests' DHCP leases are there: `waitForLease` of an interface. */

const DEADLINE_SECONDS = 300;
const INTERVAL_SECONDS = 1;

export interface LeaseWait {
  /** The resource's own time-out; 0: none. */
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
}

const leasesOf = async (virsh: Virsh, { network, mac }: Awaited): Promise<readonly Lease[]> =>
  parseLeases(await answer(virsh, "net-dhcp-leases", network, "--mac", mac));

/** Leases that a guest of the same MAC address had before: they say nothing of the one that is about to start. */
export async function staleLeases(virsh: Virsh, inputs: DomainInputs): Promise<ReadonlySet<string>> {
  const awaited = awaitedLeases(inputs);
  if (awaited.length === 0 || (await ifFound(() => isOff(virsh, inputs.name))) === false) return new Set();
  const found = await Promise.all(awaited.map((each) => ifFound(() => leasesOf(virsh, each))));
  return new Set(found.flatMap((leases = [], index) => leases.map((lease) => keyOf(awaited[index]?.mac ?? "", lease))));
}

const keyOf = (mac: string, { address, expires }: Lease): string => `${mac} ${address} ${expires}`;

async function addressesOf(
  virsh: Virsh,
  inputs: DomainInputs,
  {
    awaited,
    stale,
    timeoutSeconds,
    signal,
  }: LeaseWait & { readonly awaited: Awaited; readonly stale: ReadonlySet<string> },
): Promise<readonly string[]> {
  const { index, network, mac } = awaited;
  const name = (await ifFound(() => answer(virsh, "net-name", network))) ?? network;
  const what = `DHCP lease of network ${name} for ${mac}`;
  return waitUntil(
    async () => {
      const leases = (await leasesOf(virsh, awaited)).filter((lease) => !stale.has(keyOf(mac, lease)));
      if (leases.length > 0) return { done: true, value: leases.map(({ address }) => address) };
      if (await isOff(virsh, inputs.name)) {
        const next = "look at its console; the next up starts it again";
        throw new ReplikubeError(`${inputs.name}: went off before it had a ${what}\nnext: ${next}`);
      }
      return { done: false, seen: `no lease for ${mac} in network ${name}` };
    },
    {
      context: {
        machine: inputs.name,
        step: `networkInterfaces[${index}].waitForLease`,
        next: `does the guest boot and ask by DHCP? virsh -c '${virsh.uri}' net-dhcp-leases ${name}; a slow one needs a longer customTimeouts`,
      },
      awaited: `a ${what}`,
      deadlineSeconds: timeoutSeconds > 0 ? timeoutSeconds : DEADLINE_SECONDS,
      intervalSeconds: INTERVAL_SECONDS,
      signal,
    },
  );
}

export async function awaitLeases(
  virsh: Virsh,
  inputs: DomainInputs,
  wait: LeaseWait & { readonly stale: ReadonlySet<string> },
): Promise<Addresses> {
  const found = awaitedLeases(inputs).map(
    async (awaited) => [awaited.index, await addressesOf(virsh, inputs, { ...wait, awaited })] as const,
  );
  return new Map(await Promise.all(found));
}
