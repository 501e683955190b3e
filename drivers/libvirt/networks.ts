import type { NetworkInputs } from "../../plan/libvirt/inputs";
import {
  dhcpHostXml,
  dnsHostElements,
  entryChanges,
  networkXml,
  seenNetwork,
  type SeenNetwork,
} from "../../plan/libvirt/network-xml";
import { networkRefusable } from "../../plan/libvirt/refused-property";
import type { Mark } from "../../plan/mark";
import type { Virsh } from "../virsh";
import { answer, fromXml, ifFound, infoField } from "./objects";
import { requireOwn, requireRemovable, requireStacks } from "./ownership";
import { tellingProperty } from "./refusal";

/** libvirt networks: made whole or not at all, changed while they run, removed with everything of theirs. */

export interface NetworkState extends SeenNetwork {
  readonly uuid: string;
  readonly bridge: string;
  readonly active: boolean;
  readonly autostart: boolean;
}

export const lookAtNetwork = (virsh: Virsh, name: string): Promise<NetworkState | undefined> =>
  ifFound(async () => {
    const info = await answer(virsh, "net-info", name);
    const xml = await answer(virsh, "net-dumpxml", "--inactive", name);
    return {
      ...seenNetwork(xml),
      uuid: infoField(info, "UUID"),
      bridge: infoField(info, "Bridge"),
      active: infoField(info, "Active") === "yes",
      autostart: infoField(info, "Autostart") === "yes",
    };
  });

const setAutostart = async (virsh: Virsh, name: string, on: boolean): Promise<void> => {
  await virsh.run(["net-autostart", name, ...(on ? [] : ["--disable"])]);
};

async function start(virsh: Virsh, name: string): Promise<void> {
  try {
    await virsh.run(["net-start", name]);
  } catch (error) {
    await virsh.run(["net-undefine", name]).catch(() => undefined);
    throw error;
  }
}

export async function makeNetwork(virsh: Virsh, inputs: NetworkInputs, mark: Mark | undefined): Promise<NetworkState> {
  const { name, autostart } = inputs;
  const there = await lookAtNetwork(virsh, name);
  if (there !== undefined) {
    requireOwn(`network ${name}`, there.mark, mark);
    // Half made, or made and then forgotten by a killed engine: made anew, nothing of it is in use yet.
    if (there.active) await virsh.run(["net-destroy", name]);
    await virsh.run(["net-undefine", name]);
  }
  await tellingProperty("network", networkRefusable(inputs), async () => {
    await fromXml(virsh, "net-define", networkXml(inputs, mark));
    await start(virsh, name);
  });
  if (autostart) await setAutostart(virsh, name, true);
  const made = await lookAtNetwork(virsh, name);
  if (made === undefined) throw new Error(`network ${name} vanished while it was made`);
  return made;
}

/** On the running network and in its definition, without a restart: no guest loses its lease. */
async function changeEntries(
  virsh: Virsh,
  { name, active }: { readonly name: string; readonly active: boolean },
  section: "ip-dhcp-host" | "dns-host",
  { added, removed }: ReturnType<typeof entryChanges>,
): Promise<void> {
  const flags = [...(active ? ["--live"] : []), "--config"];
  for (const xml of removed) await virsh.run(["net-update", name, "delete", section, "--xml", xml, ...flags]);
  for (const xml of added) await virsh.run(["net-update", name, "add", section, "--xml", xml, ...flags]);
}

/** Brings a network to what is wanted, from whatever it is. */
export async function changeNetwork(
  virsh: Virsh,
  inputs: NetworkInputs,
  mark: Mark | undefined,
): Promise<NetworkState> {
  const { name } = inputs;
  const there = await lookAtNetwork(virsh, name);
  if (there === undefined) return makeNetwork(virsh, inputs, mark);
  requireStacks(`network ${name}`, there.mark, mark, "changed");
  const state = { name, active: there.active };
  const dhcp = entryChanges(there.dhcpHosts.map(dhcpHostXml), inputs.dhcpHosts.map(dhcpHostXml));
  const dns = entryChanges(dnsHostElements(there.dnsHosts), dnsHostElements(inputs.dns.hosts));
  await tellingProperty("network", networkRefusable(inputs), async () => {
    await changeEntries(virsh, state, "ip-dhcp-host", dhcp);
    await changeEntries(virsh, state, "dns-host", dns);
  });
  if (there.autostart !== inputs.autostart) await setAutostart(virsh, name, inputs.autostart);
  if (!there.active) await virsh.run(["net-start", name]);
  return { ...there, active: true, autostart: inputs.autostart };
}

export async function removeNetwork(
  virsh: Virsh,
  name: string,
  wanted: { readonly mark: Mark | undefined; readonly id: string },
): Promise<void> {
  const there = await lookAtNetwork(virsh, name);
  if (there === undefined) return;
  requireRemovable(`network ${name}`, there, wanted);
  if (there.active) await virsh.run(["net-destroy", name]);
  await virsh.run(["net-undefine", name]);
}
