import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { pathOfDisk, type DomainSurroundings } from "../../plan/libvirt/domain-devices";
import { domainXml, type DomainIdentity } from "../../plan/libvirt/domain-xml";
import type { DomainInputs } from "../../plan/libvirt/inputs";
import { isOnThisMachine } from "../../plan/libvirt-uri";
import { propertyNamedIn } from "../../plan/libvirt/start-failure";
import { seenVolumeFormat } from "../../plan/libvirt/storage-xml";
import { CommandError, ReplikubeError } from "../errors";
import { NotFound, type Virsh } from "../virsh";
import { answer, fromXml, ifFound } from "./objects";

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

async function surroundingsOf(virsh: Virsh, inputs: DomainInputs): Promise<DomainSurroundings> {
  const formats = await known(inputs.disks.map(pathOfDisk), async (path) => {
    const xml = await ifFound(() => answer(virsh, "vol-dumpxml", path));
    return xml === undefined ? undefined : seenVolumeFormat(xml);
  });
  // A network's id is its UUID, and an interface takes names only.
  const networkNames = await known(
    inputs.networkInterfaces.map(({ networkId }) => networkId),
    (id) => ifFound(() => answer(virsh, "net-name", id)),
  );
  return { formats, networkNames };
}

export async function defineDomain(virsh: Virsh, inputs: DomainInputs, identity: DomainIdentity): Promise<void> {
  makeConsoleFolders(virsh, inputs);
  await fromXml(virsh, "define", domainXml(inputs, identity, await surroundingsOf(virsh, inputs)));
}

/** The error says which property it is about, where libvirt's message tells. */
export async function startDomain(virsh: Virsh, inputs: DomainInputs): Promise<void> {
  try {
    await virsh.run(["start", inputs.name]);
  } catch (error) {
    // A killed creation's virsh may have come first.
    if (error instanceof CommandError && error.output.includes("Domain is already active")) return;
    // What is not found here is something that the domain needs.
    if (error instanceof NotFound) throw new ReplikubeError(`${error.message}${remedy(error.message, inputs)}`);
    if (!(error instanceof CommandError)) throw error;
    const next = `${error.context.next}${remedy(error.output, inputs)}`;
    throw new CommandError({ ...error.context, next }, error.command, error.exitCode, error.output, { cause: error });
  }
}

const remedy = (message: string, inputs: DomainInputs): string => {
  const property = propertyNamedIn(message, inputs);
  return property === undefined ? "" : `\nnext: look at the domain's property ${property}`;
};
