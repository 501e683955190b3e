import type { NetworkInputs } from "../../plan/libvirt/inputs";
import { networkEntries, SECTIONS, type Entries } from "../../plan/libvirt/network-entries";
import { entryChanges, networkOf, networkXml } from "../../plan/libvirt/network-xml";
import { parseXml, type XmlElement } from "../../plan/libvirt/xml";
import { networkRefusable } from "../../plan/libvirt/refused-property";
import type { Mark } from "../../plan/mark";
import type { Virsh } from "../virsh";
import { answer, fromXml, ifFound, infoField } from "./objects";
import { requireChangeable, requireOwn, requireRemovable } from "./ownership";
import { tellingProperty } from "./refusal";

/** libvirt networks: made whole or not at all, changed while they run, removed with everything of theirs. */

export interface NetworkState {
  readonly name: string;
  readonly mark: Mark | undefined;
  readonly uuid: string;
  readonly bridge: string;
  readonly active: boolean;
  readonly autostart: boolean;
  /** Otherwise libvirt forgets it once it stops. */
  readonly persistent: boolean;
  /** What it will be at its next start. */
  readonly stored: XmlElement;
  /** What it is; absent while it is stopped. */
  readonly running?: XmlElement;
}

export const lookAtNetwork = (virsh: Virsh, name: string): Promise<NetworkState | undefined> =>
  ifFound(async () => {
    const info = await answer(virsh, "net-info", name);
    const stored = parseXml(await answer(virsh, "net-dumpxml", "--inactive", name));
    const active = infoField(info, "Active") === "yes";
    return {
      name: infoField(info, "Name"),
      mark: networkOf(stored).mark,
      uuid: infoField(info, "UUID"),
      bridge: infoField(info, "Bridge"),
      active,
      autostart: infoField(info, "Autostart") === "yes",
      persistent: infoField(info, "Persistent") === "yes",
      stored,
      ...(active && { running: parseXml(await answer(virsh, "net-dumpxml", name)) }),
    };
  });

const setAutostart = async (virsh: Virsh, name: string, on: boolean): Promise<void> => {
  await virsh.run(["net-autostart", name, ...(on ? [] : ["--disable"])]);
};

/** One that libvirt does not keep goes by being stopped. */
async function undo(virsh: Virsh, name: string, { active }: NetworkState): Promise<void> {
  if (active) await virsh.run(["net-destroy", name]);
  await ifFound(() => virsh.run(["net-undefine", name]));
}

async function start(virsh: Virsh, name: string): Promise<void> {
  try {
    await virsh.run(["net-start", name]);
  } catch (error) {
    await virsh.run(["net-undefine", name]).catch(() => undefined);
    throw error;
  }
}

/** `id`: the UUID that a state has of one that is made again. */
export async function makeNetwork(
  virsh: Virsh,
  inputs: NetworkInputs,
  mark: Mark | undefined,
  id?: string,
): Promise<NetworkState> {
  const { name, autostart } = inputs;
  const there = await lookAtNetwork(virsh, name);
  if (there !== undefined) {
    requireOwn(`network ${name}`, there.mark, mark);
    // Half made, or made and then forgotten by a killed engine: made anew, nothing of it is in use yet.
    await undo(virsh, name, there);
  }
  await tellingProperty("network", networkRefusable(inputs), async () => {
    await fromXml(virsh, "net-define", networkXml(inputs, mark, id === undefined ? undefined : { uuid: id }));
    await start(virsh, name);
  });
  if (autostart) await setAutostart(virsh, name, true);
  const made = await lookAtNetwork(virsh, name);
  if (made === undefined) throw new Error(`network ${name} vanished while it was made`);
  return made;
}

/** On the running network, without a restart: no guest loses its lease. */
async function changeEntries(virsh: Virsh, name: string, before: Entries, after: Entries): Promise<void> {
  for (const section of SECTIONS) {
    const { added, removed } = entryChanges(before[section], after[section]);
    for (const xml of removed) await virsh.run(["net-update", name, "delete", section, "--xml", xml, "--live"]);
    for (const xml of added) await virsh.run(["net-update", name, "add", section, "--xml", xml, "--live"]);
  }
}

/** Brings a network to what is wanted, as far as that goes without stopping it. */
export async function changeNetwork(
  virsh: Virsh,
  inputs: NetworkInputs,
  mark: Mark | undefined,
  { id, claim }: { readonly id: string; readonly claim: string | undefined },
): Promise<Pick<NetworkState, "bridge">> {
  const { name, autostart } = inputs;
  const there = await lookAtNetwork(virsh, name);
  if (there === undefined) return makeNetwork(virsh, inputs, mark, id);
  requireChangeable(`network ${name}`, there, { mark, claim });
  const { mac } = networkOf(there.running ?? there.stored);
  const wanted = networkXml(inputs, mark, { ...there, mac });
  await tellingProperty("network", networkRefusable(inputs), async () => {
    // Of a running network that is its next start, and what it is at the moment stays.
    await fromXml(virsh, "net-define", wanted);
    if (there.running === undefined) await virsh.run(["net-start", name]);
    else await changeEntries(virsh, name, networkEntries(there.running), networkEntries(parseXml(wanted)));
  });
  if (there.autostart !== autostart) await setAutostart(virsh, name, autostart);
  return there;
}

export async function removeNetwork(
  virsh: Virsh,
  name: string,
  wanted: { readonly mark: Mark | undefined; readonly id: string },
): Promise<void> {
  const there = await lookAtNetwork(virsh, name);
  if (there === undefined) return;
  requireRemovable(`network ${name}`, there, wanted);
  await undo(virsh, name, there);
}
