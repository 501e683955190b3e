/** Files that libvirt keeps beside its objects, below its own folder, which is mostly /var/lib/libvirt (libvirt 9.0). */

export type RemainsKind = "NVRAM" | "saved state" | "snapshot" | "leases" | "dnsmasq configuration";

export interface Remains {
  readonly kind: RemainsKind;
  /** Name of the domain, network or bridge that it is of. */
  readonly of: string;
}

export const REMAINS_FOLDERS = ["qemu/nvram", "qemu/save", "qemu/snapshot", "dnsmasq"] as const;

const PLACES: readonly (readonly [RemainsKind, RegExp])[] = [
  ["NVRAM", /^qemu\/nvram\/(.+)_VARS\.\w+$/],
  ["saved state", /^qemu\/save\/(.+)\.save$/],
  ["snapshot", /^qemu\/snapshot\/([^/]+)\/[^/]+\.xml$/],
  // Of a bridge what libvirt's own helper of dnsmasq writes, of a network what older ones did.
  ["leases", /^dnsmasq\/(.+)\.(?:status|macs|leases)$/],
  ["dnsmasq configuration", /^dnsmasq\/(.+)\.(?:conf|hostsfile|addnhosts)$/],
];

/** `path` is relative to libvirt's folder; undefined: libvirt keeps nothing of that name. */
export function remainsAt(path: string): Remains | undefined {
  const [found] = PLACES.flatMap(([kind, place]) => {
    const of = place.exec(path)?.[1];
    return of === undefined ? [] : [{ kind, of }];
  });
  return found;
}
