import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { DomainInputs } from "../../plan/libvirt/inputs";
import { domainXml, seenDomain, type DomainIdentity, type SeenDomain } from "../../plan/libvirt/domain-xml";
import type { Mark } from "../../plan/mark";
import { CommandError } from "../errors";
import type { Virsh } from "../virsh";
import { waitUntil } from "../wait";
import { answer, fromXml, ifFound, infoField } from "./objects";
import { requireOwn, requireStacks } from "./ownership";

/** Domains: made whole or not at all; a restart keeps them, an undefined one leaves nothing behind. */

export interface DomainState extends SeenDomain {
  readonly running: boolean;
  readonly autostart: boolean;
}

/** An emulated guest takes its time to stop its services; what is still there then is switched off. */
const SHUTDOWN_SECONDS = 120;

export const lookAtDomain = (virsh: Virsh, name: string): Promise<DomainState | undefined> =>
  ifFound(async () => {
    const info = await answer(virsh, "dominfo", name);
    const xml = await answer(virsh, "dumpxml", "--inactive", name);
    return {
      ...seenDomain(xml),
      // A paused guest is not one that runs.
      running: infoField(info, "State") === "running",
      autostart: infoField(info, "Autostart") === "enable",
    };
  });

const isOff = async (virsh: Virsh, name: string): Promise<boolean> =>
  ["shut off", "crashed"].includes(await answer(virsh, "domstate", name));

const undefine = async (virsh: Virsh, name: string): Promise<void> => {
  await virsh.run(["undefine", name, "--managed-save", "--snapshots-metadata", "--nvram"]);
};

/** The console's file lies on the libvirt host; only on this one can its folder be made. */
function makeConsoleFolders(virsh: Virsh, { consoles }: DomainInputs): void {
  if (virsh.uri.includes("+ssh://") || virsh.uri.includes("+tls://")) return;
  for (const { sourcePath } of consoles) {
    if (sourcePath !== undefined) mkdirSync(dirname(sourcePath), { recursive: true });
  }
}

async function define(virsh: Virsh, inputs: DomainInputs, identity: DomainIdentity): Promise<void> {
  makeConsoleFolders(virsh, inputs);
  await fromXml(virsh, "define", domainXml(inputs, identity));
}

const setAutostart = async (virsh: Virsh, name: string, on: boolean): Promise<void> => {
  await virsh.run(["autostart", name, ...(on ? [] : ["--disable"])]);
};

/** `fresh` is used for a new domain; the identity of one that is taken over stays. */
export async function makeDomain(virsh: Virsh, inputs: DomainInputs, fresh: DomainIdentity): Promise<DomainState> {
  const { name, running, autostart } = inputs;
  const there = await lookAtDomain(virsh, name);
  if (there !== undefined) requireOwn(`domain ${name}`, there.mark, fresh.mark);
  // Its creation was killed: defined again it is what is wanted, and a guest that boots already goes on.
  const identity = there === undefined ? fresh : { ...fresh, uuid: there.uuid, instance: there.instance };
  await define(virsh, inputs, identity);
  try {
    if (running && (await isOff(virsh, name))) await virsh.run(["start", name]);
  } catch (error) {
    if (there === undefined) await undefine(virsh, name).catch(() => undefined);
    throw error;
  }
  if (autostart) await setAutostart(virsh, name, true);
  return { ...identity, memory: inputs.memory, vcpu: inputs.vcpu, running, autostart };
}

/** The guest is asked to stop, by agent and by ACPI; it has time to do so, and is then switched off. */
export async function stopDomain(virsh: Virsh, name: string, signal?: AbortSignal): Promise<void> {
  if (await isOff(virsh, name)) return;
  await virsh.run(["shutdown", name, "--mode", "agent,acpi"]).catch((error: unknown) => {
    if (!(error instanceof CommandError)) throw error; // a guest that cannot be asked is switched off below
  });
  const off = await waitUntil(
    async () => {
      const state = await answer(virsh, "domstate", name);
      return state === "shut off" ? { done: true, value: true } : { done: false, seen: state };
    },
    {
      context: { machine: name, step: "shut down", next: "it is switched off" },
      awaited: "the guest to stop",
      deadlineSeconds: SHUTDOWN_SECONDS,
      intervalSeconds: 1,
      ...(signal !== undefined && { signal }),
    },
  ).catch((error: unknown) => {
    if (signal?.aborted === true) throw error;
    return false;
  });
  if (!off) await ifFound(() => virsh.run(["destroy", name]));
}

/** Brings a domain to what is wanted. `restart`: the running guest must not keep what it has. */
export async function changeDomain(
  virsh: Virsh,
  inputs: DomainInputs,
  fresh: DomainIdentity,
  restart: boolean,
  signal?: AbortSignal,
): Promise<DomainState> {
  const { name, running, autostart } = inputs;
  const there = await lookAtDomain(virsh, name);
  if (there === undefined) return makeDomain(virsh, inputs, fresh);
  requireStacks(`domain ${name}`, there.mark, fresh.mark);
  if (restart || !running) await stopDomain(virsh, name, signal);
  const identity = { ...fresh, uuid: there.uuid, instance: there.instance };
  await define(virsh, inputs, identity);
  if (running) {
    const state = await answer(virsh, "domstate", name);
    if (state === "paused") await virsh.run(["resume", name]);
    else if (state !== "running") await virsh.run(["start", name]);
  }
  if (there.autostart !== autostart) await setAutostart(virsh, name, autostart);
  return { ...identity, memory: inputs.memory, vcpu: inputs.vcpu, running, autostart };
}

export async function removeDomain(virsh: Virsh, name: string, mark: Mark | undefined): Promise<void> {
  const there = await lookAtDomain(virsh, name);
  if (there === undefined) return;
  requireStacks(`domain ${name}`, there.mark, mark);
  if (!(await isOff(virsh, name))) {
    await virsh.run(["destroy", name]).catch(async (error: unknown) => {
      if (!(await isOff(virsh, name))) throw error; // it went off by itself in between
    });
  }
  await undefine(virsh, name);
}
