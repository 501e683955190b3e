import type { HostObject, HostObjectKind } from "./host-object";
import { shellLine } from "./shell";
import type { Argv } from "./step";

/** How to remove by hand what a stack has left, as lines for a shell. */
export interface RemovalPlace {
  readonly libvirtUri: string;
  /** The command that runs another one where the bridges are. */
  readonly inNetwork: (command: Argv) => Argv;
}

type Commands = (object: HostObject, place: RemovalPlace) => readonly Argv[];

const onVirsh = ({ libvirtUri }: RemovalPlace, ...args: readonly string[]): Argv => [
  "virsh",
  "-c",
  libvirtUri,
  ...args,
];
const removedFile: Commands = ({ name }) => [["rm", name]];

/** In the order in which they can go: a disk when no machine has it, a pool when no disk is in it. */
const COMMANDS: Readonly<Record<HostObjectKind, Commands>> = {
  domain: ({ name }, place) => [
    onVirsh(place, "destroy", name),
    onVirsh(place, "undefine", name, "--managed-save", "--snapshots-metadata", "--nvram"),
  ],
  volume: ({ name, pool = "POOL" }, place) => [onVirsh(place, "vol-delete", name, "--pool", pool)],
  pool: ({ name }, place) => [onVirsh(place, "pool-destroy", name), onVirsh(place, "pool-undefine", name)],
  network: ({ name }, place) => [onVirsh(place, "net-destroy", name), onVirsh(place, "net-undefine", name)],
  bridge: ({ name }, { inNetwork }) => [inNetwork(["ip", "link", "delete", name])],
  NVRAM: removedFile,
  "saved state": removedFile,
  snapshot: removedFile,
  leases: removedFile,
  "dnsmasq configuration": removedFile,
  file: ({ name }) => [["rm", "-r", name]],
};

const ORDER = Object.keys(COMMANDS);

export interface Removal {
  readonly object: HostObject;
  /** Pasted as it is. */
  readonly command: string;
}

export const removalsOf = (objects: readonly HostObject[], place: RemovalPlace): readonly Removal[] =>
  objects
    .toSorted((one, other) => ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind))
    .map((object) => ({ object, command: COMMANDS[object.kind](object, place).map(shellLine).join("; ") }));
