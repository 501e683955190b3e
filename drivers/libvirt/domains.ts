import { seenDomain, type DomainIdentity, type SeenDomain } from "../../plan/libvirt/domain-xml";
import type { DomainInputs } from "../../plan/libvirt/inputs";
import type { Mark } from "../../plan/mark";
import type { Virsh } from "../virsh";
import { defineDomain, startDomain } from "./domain-definition";
import { isOff, stopDomain, switchOff, type StopOptions } from "./domain-stop";
import { answer, ifFound, infoField } from "./objects";
import { requireChangeable, requireOwn, requireRemovable } from "./ownership";

/** Domains: made whole or not at all; a restart keeps them, an undefined one leaves nothing behind. */

export interface DomainState extends SeenDomain {
  readonly running: boolean;
  /** There is a guest, though it may be paused. */
  readonly active: boolean;
  /** Otherwise libvirt forgets it once it is off. */
  readonly persistent: boolean;
  readonly autostart: boolean;
  /** XML. */
  readonly stored: string;
}

const definition = (virsh: Virsh, name: string): Promise<string> => answer(virsh, "dumpxml", "--inactive", name);

export const lookAtDomain = (virsh: Virsh, nameOrUuid: string): Promise<DomainState | undefined> =>
  ifFound(async () => {
    const info = await answer(virsh, "dominfo", nameOrUuid);
    const stored = await definition(virsh, nameOrUuid);
    return {
      ...seenDomain(stored),
      stored,
      // A paused guest is not one that runs.
      running: infoField(info, "State") === "running",
      active: infoField(info, "Id") !== "-",
      persistent: infoField(info, "Persistent") === "yes",
      autostart: infoField(info, "Autostart") === "enable",
    };
  });

const undefine = async (virsh: Virsh, name: string): Promise<void> => {
  await virsh.run(["undefine", name, "--managed-save", "--snapshots-metadata", "--nvram"]);
};

const setAutostart = async (virsh: Virsh, name: string, on: boolean): Promise<void> => {
  await virsh.run(["autostart", name, ...(on ? [] : ["--disable"])]);
};

/** `fresh` is used for a new domain; the identity of one that is taken over stays. */
export async function makeDomain(virsh: Virsh, inputs: DomainInputs, fresh: DomainIdentity): Promise<DomainIdentity> {
  const { name, running, autostart } = inputs;
  const there = await lookAtDomain(virsh, name);
  if (there !== undefined) requireOwn(`domain ${name}`, there.mark, fresh.mark);
  const identity = there === undefined ? fresh : { ...fresh, uuid: there.uuid, instance: there.instance };
  await defineDomain(virsh, inputs, identity);
  // Its creation was killed: a guest that boots already as it is wanted goes on, any other one has another machine's rest.
  if (there !== undefined && (!running || (await definition(virsh, name)) !== there.stored))
    await switchOff(virsh, name);
  try {
    if (running && (await isOff(virsh, name))) await startDomain(virsh, inputs);
    if ((there?.autostart ?? false) !== autostart) await setAutostart(virsh, name, autostart);
  } catch (error) {
    await switchOff(virsh, name).catch(() => undefined);
    await undefine(virsh, name).catch(() => undefined);
    throw error;
  }
  return identity;
}

/** Brings a domain to what is wanted. `restart`: the running guest must not keep what it has. */
export async function changeDomain(
  virsh: Virsh,
  inputs: DomainInputs,
  fresh: DomainIdentity,
  { restart, claim, ...stop }: StopOptions & { readonly restart: boolean; readonly claim: string | undefined },
): Promise<DomainIdentity> {
  const { name, running, autostart, description = "" } = inputs;
  const there = await lookAtDomain(virsh, name);
  if (there === undefined) return makeDomain(virsh, inputs, fresh);
  requireChangeable(`domain ${name}`, there, { mark: fresh.mark, claim });
  const identity = { ...fresh, uuid: there.uuid, instance: there.instance || fresh.instance };
  // First, so that a definition that libvirt refuses stops nobody, and one that it would forget is kept.
  await defineDomain(virsh, inputs, identity);
  if (restart || !running) await stopDomain(virsh, name, stop);
  if (running) {
    const state = await answer(virsh, "domstate", name);
    if (state === "paused") await virsh.run(["resume", name]);
    else if (state !== "running") await startDomain(virsh, inputs);
    if (there.description !== description) await virsh.run(["desc", name, "--live", "--new-desc", description]);
  }
  if (there.autostart !== autostart) await setAutostart(virsh, name, autostart);
  return identity;
}

export async function removeDomain(
  virsh: Virsh,
  name: string,
  wanted: { readonly mark: Mark | undefined; readonly id: string },
): Promise<void> {
  const there = await lookAtDomain(virsh, name);
  if (there === undefined) return;
  requireRemovable(`domain ${name}`, there, wanted);
  await switchOff(virsh, name);
  await ifFound(() => undefine(virsh, name)); // one that was kept nowhere went with its guest
}
