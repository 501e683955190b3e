import { existsSync, readFileSync, readdirSync, readlinkSync, rmSync, unlinkSync } from "node:fs";
import { basename, join } from "node:path";
import type { EmbeddedHostLayout } from "../plan/embedded-host";
import { readHostRecord } from "./embedded-host-record";
import { CommandError, ReplikubeError } from "./errors";
import { runLocally } from "./local-runner";
import { endProcesses, processOf, processesInNamespace, type NamespaceProcess } from "./namespace-processes";
import { pidsInOwnCgroups, removeOwnCgroups } from "./own-cgroups";

/** Takes away what an embedded host is made of, in whatever state it was left: processes, namespace, cgroups, run files. */

const GRACE_SECONDS = 10;
/** libvirtd's own, among those of the guests. */
const DRIVER_PID_FILE = "driver.pid";

export interface RunningGuest {
  /** libvirt's name of the domain. */
  readonly name: string;
  readonly process: NamespaceProcess;
}

/** By libvirt's pid files, each held against the processes that really live in the namespace. Needs no libvirtd. */
export function guestsOf(layout: EmbeddedHostLayout): readonly RunningGuest[] {
  if (!existsSync(layout.guestPidFiles)) return [];
  const processes = processesInNamespace(layout.namespacePath);
  return readdirSync(layout.guestPidFiles).flatMap((file) => {
    if (!file.endsWith(".pid") || file === DRIVER_PID_FILE) return [];
    const pid = Number(readFileSync(join(layout.guestPidFiles, file), "utf8"));
    const found = processes.find((candidate) => candidate.pid === pid);
    return found === undefined ? [] : [{ name: basename(file, ".pid"), process: found }];
  });
}

/** The namespace may have lost its name while its processes live on: the cgroups still have them. */
function processesOf(layout: EmbeddedHostLayout): readonly NamespaceProcess[] {
  const named = processesInNamespace(layout.namespacePath);
  const others = new Set(pidsInOwnCgroups(layout));
  for (const { pid } of named) others.delete(pid);
  return [...named, ...[...others].flatMap(processOf)];
}

export async function removeHost(
  layout: EmbeddedHostLayout,
  { keepGuests = false }: { readonly keepGuests?: boolean } = {},
): Promise<void> {
  const processes = processesOf(layout);
  if (keepGuests) {
    // A new libvirtd takes over the guests, their consoles (virtlogd) and their networks (dnsmasq).
    await end(processes.filter(({ command }) => /^(\S*\/)?libvirtd /.test(command)));
    return;
  }
  const daemon = processes.find(({ pid }) => pid === readHostRecord(layout.record)?.libvirtdPid);
  if (daemon !== undefined) await end([daemon]); // first, so that it does not start anything again
  await end(processesOf(layout));
  rmSync(layout.record, { force: true });
  if (existsSync(layout.namespacePath)) await removeNamespace(layout);
  await removeOwnCgroups(layout);
  if (layout.link !== undefined && isLinkTo(layout.link, layout.directory)) unlinkSync(layout.link);
  rmSync(join(layout.directory, "run"), { recursive: true, force: true });
}

async function end(processes: readonly NamespaceProcess[]): Promise<void> {
  const left = await endProcesses(processes, GRACE_SECONDS);
  if (left.length > 0) {
    const list = left.map(({ pid, command }) => `${pid} ${command.slice(0, 80)}`).join("\n");
    throw new ReplikubeError(
      `host: processes of the embedded host outlived SIGKILL:\n${list}\nnext: look at what they wait for, then try again`,
    );
  }
}

async function removeNamespace({ namespace }: EmbeddedHostLayout): Promise<void> {
  const { exitCode, stderr } = await runLocally(["ip", "netns", "delete", namespace]);
  if (exitCode !== 0) {
    const context = {
      machine: "host",
      step: "remove the embedded host's network namespace",
      next: "remove it by hand",
    };
    throw new CommandError(context, `ip netns delete ${namespace}`, exitCode, stderr);
  }
}

const isLinkTo = (link: string, target: string): boolean => {
  try {
    return readlinkSync(link) === target;
  } catch {
    return false;
  }
};
