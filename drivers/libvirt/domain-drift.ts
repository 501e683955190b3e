import { definitionRest } from "../../plan/libvirt/definition-rest";
import type { DomainSurroundings } from "../../plan/libvirt/domain-devices";
import type { DomainInputs } from "../../plan/libvirt/inputs";
import { portsOf, seenFormats } from "../../plan/libvirt/seen-devices";
import { seenProperties } from "../../plan/libvirt/seen-domain";
import { parseXml } from "../../plan/libvirt/xml";
import { CommandError } from "../errors";
import { NotFound, type Virsh } from "../virsh";
import { networkNamesOf } from "./domain-definition";
import type { DomainState } from "./domains";
import { answer } from "./objects";
import { isVolumeGone } from "./volumes";

/** What became of a domain since it was defined: its definition, its guest, and what both stand on. */

type Properties = Readonly<Record<string, unknown>>;

export interface DomainDrift {
  /** As the stored definition has them. */
  readonly properties: Properties;
  /** What else of the stored definition is another, in words. */
  readonly rest: readonly string[];
  /** As the guest runs with them; absent when none does. */
  readonly guest?: Properties;
  /** Positions of interfaces whose network was stopped under them: they have no link, also after it runs again. */
  readonly unlinked: readonly number[];
  /** Positions of disks whose volume is gone. */
  readonly diskless: readonly number[];
}

/** libvirt forgets the ports of a network that stops; a guest's is not among those of a later run. */
async function isUnlinked(virsh: Virsh, network: string, port: string): Promise<boolean> {
  try {
    return !(await answer(virsh, "net-port-list", network)).includes(port);
  } catch (error) {
    if (error instanceof NotFound || (error instanceof CommandError && /is not active/.test(error.output))) return true;
    throw error;
  }
}

async function positions<T>(list: readonly T[], holds: (each: T) => Promise<boolean>): Promise<readonly number[]> {
  const found = await Promise.all(list.map(holds));
  return found.flatMap((each, index) => (each ? [index] : []));
}

export async function domainDrift(
  virsh: Virsh,
  inputs: DomainInputs,
  { stored, active, ...identity }: DomainState,
): Promise<DomainDrift> {
  const root = parseXml(stored);
  const networkNames = await networkNamesOf(virsh, inputs);
  // libvirt tells a raw volume's format by what its guest wrote there, so the definition's own word counts.
  const surroundings: DomainSurroundings = { networkNames, formats: seenFormats(root) };
  const guest = active ? parseXml(await answer(virsh, "dumpxml", inputs.name)) : undefined;
  const ports = guest === undefined ? [] : portsOf(guest);
  return {
    properties: seenProperties(inputs, root, surroundings),
    rest: definitionRest(inputs, identity, surroundings, root),
    // libvirt shows the CPU that a guest got, which may be called otherwise than the one that was asked for.
    ...(guest !== undefined && { guest: { ...seenProperties(inputs, guest, surroundings), cpu: inputs.cpu } }),
    unlinked: await positions(ports, async (port) => port !== undefined && isUnlinked(virsh, port.network, port.id)),
    diskless: await positions(
      inputs.disks,
      async ({ volumeId }) => volumeId !== undefined && isVolumeGone(virsh, volumeId),
    ),
  };
}
