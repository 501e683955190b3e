import type { DomainInputs } from "./inputs";

/** DHCP leases as `virsh net-dhcp-leases` lists them, and what of them a domain's interfaces get to know. */

export interface Lease {
  readonly address: string;
  /** As libvirt prints it: every lease that is given or renewed has another one. */
  readonly expires: string;
}

const LEASE = /^\s*(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\s+\S+\s+ipv[46]\s+([^\s/]+)\//;

export const parseLeases = (table: string): readonly Lease[] =>
  table.split("\n").flatMap((line) => {
    const [, expires, address] = LEASE.exec(line) ?? [];
    return expires === undefined || address === undefined ? [] : [{ expires, address }];
  });

/** An interface whose lease is awaited. */
export interface Awaited {
  readonly index: number;
  /** Name or UUID. */
  readonly network: string;
  readonly mac: string;
}

export const awaitedLeases = ({ networkInterfaces, running }: DomainInputs): readonly Awaited[] =>
  networkInterfaces.flatMap(({ waitForLease, networkId, networkName, mac }, index) => {
    const network = networkId ?? networkName;
    return waitForLease === true && running && network !== undefined && mac !== undefined
      ? [{ index, network, mac }]
      : [];
  });

/** By the interface's index. */
export type Addresses = ReadonlyMap<number, readonly string[]>;
