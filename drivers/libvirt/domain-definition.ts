import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { pathOfDisk, type DomainSurroundings } from "../../plan/libvirt/domain-devices";
import { domainXml, type DomainIdentity } from "../../plan/libvirt/domain-xml";
import type { DomainInputs } from "../../plan/libvirt/inputs";
import { isOnThisMachine } from "../../plan/libvirt-uri";
import { domainRefusable } from "../../plan/libvirt/refused-property";
import { seenVolume } from "../../plan/libvirt/storage-xml";
import { CommandError } from "../errors";
import type { Virsh } from "../virsh";
import { answer, fromXml, ifFound } from "./objects";
import { tellingProperty } from "./refusal";

/** A domain's definition, with what only the libvirt host knows filled in; and its start. */

/** The console's file lies on the libvirt host; only on this one can its folder be made. */
function makeConsoleFolders(virsh: Virsh, { consoles }: DomainInputs): void {
  if (!isOnThisMachine(virsh.uri)) return;
  for (const { sourcePath } of consoles) {
    if (sourcePath !== undefined) mkdirSync(dirname(sourcePath), { recursive: true });
  }
}

type Entry = readonly [string, string];

const known = async (
  keys: readonly (string | undefined)[],
  look: (key: string) => Promise<string | undefined>,
): Promise<Readonly<Record<string, string>>> => {
  const found = await Promise.all(
    keys.map(async (key): Promise<readonly Entry[]> => {
      const value = key === undefined ? undefined : await look(key);
      return key === undefined || value === undefined ? [] : [[key, value]];
    }),
  );
  return Object.fromEntries(found.flat());
};

/** A network's id is its UUID, and an interface takes names only. */
export const networkNamesOf = (
  virsh: Virsh,
  { networkInterfaces }: DomainInputs,
): Promise<Readonly<Record<string, string>>> =>
  known(
    networkInterfaces.map(({ networkId }) => networkId),
    (id) => ifFound(() => answer(virsh, "net-name", id)),
  );

async function surroundingsOf(virsh: Virsh, inputs: DomainInputs): Promise<DomainSurroundings> {
  const formats = await known(inputs.disks.map(pathOfDisk), async (path) => {
    const xml = await ifFound(() => answer(virsh, "vol-dumpxml", path));
    return xml === undefined ? undefined : seenVolume(xml).format;
  });
  return { formats, networkNames: await networkNamesOf(virsh, inputs) };
}

export async function defineDomain(virsh: Virsh, inputs: DomainInputs, identity: DomainIdentity): Promise<void> {
  makeConsoleFolders(virsh, inputs);
  const xml = domainXml(inputs, identity, await surroundingsOf(virsh, inputs));
  await tellingProperty("domain", domainRefusable(inputs), () => fromXml(virsh, "define", xml));
}

export async function startDomain(virsh: Virsh, inputs: DomainInputs): Promise<void> {
  await tellingProperty("domain", domainRefusable(inputs), async () => {
    try {
      await virsh.run(["start", inputs.name]);
    } catch (error) {
      // A killed creation's virsh may have come first.
      if (error instanceof CommandError && error.output.includes("Domain is already active")) return;
      throw error;
    }
  });
}
