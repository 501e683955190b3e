import { execFileSync } from "node:child_process";
import { closeSync, openSync, readdirSync, rmSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { namespaceOf, processesOf, type SeenProcess } from "./processes";

/** What may go wrong at any moment, and what a person does about it before going on. */
export interface Fault {
  /** What was hit; undefined: there was nothing of the kind. `victim`, from 0 up to 1, chooses among those that are there. */
  readonly inject: (place: FaultPlace, victim: number) => Promise<string | undefined>;
  /** Before the next command; absent: nothing. */
  readonly mend?: (place: FaultPlace) => void;
  /** Whether what Pulumi believes may be wrong now, so that a refresh comes before the next up. */
  readonly drifts: boolean;
  /** What it hits leaves a Pulumi at work: the next command comes while that is so. */
  readonly leavesPulumi?: true;
}

export interface FaultPlace {
  /** The checkout. */
  readonly folder: string;
  /** A file system of its own with the machines' disks. */
  readonly disks: string;
}

/** A virsh lives for a few hundredths of a second. */
const PATIENCE_MS = 3000;

async function killOne(folder: string, pattern: RegExp, choice: number): Promise<string | undefined> {
  const until = Date.now() + PATIENCE_MS;
  do {
    const possible = processesOf(folder).filter(({ line }) => pattern.test(line));
    const victim = possible[Math.floor(choice * possible.length)];
    if (victim !== undefined && kill(victim)) return `${victim.pid} ${nameOf(victim)}`;
    await sleep(5);
  } while (Date.now() < until);
  return undefined;
}

/** A guest's name stands behind the first words of its QEMU. */
const nameOf = ({ line }: SeenProcess): string => line.slice(0, /-name guest=/.test(line) ? 80 : 60);

function kill({ pid }: SeenProcess): boolean {
  try {
    process.kill(pid, "SIGKILL");
    return true;
  } catch {
    return false; // it has ended by itself
  }
}

const killing = (pattern: RegExp, drifts: boolean): Fault => ({
  inject: ({ folder }, victim) => killOne(folder, pattern, victim),
  drifts,
});

/** As a power cut leaves it: no process, no namespace. */
async function reboot({ folder }: FaultPlace): Promise<string | undefined> {
  const namespace = namespaceOf(folder);
  if (namespace === undefined) return undefined;
  const inside = processesOf(folder).filter(({ line }) => /qemu-system|libvirtd|virtlogd|dnsmasq/.test(line));
  const killed = inside.filter(kill).length;
  execFileSync("ip", ["netns", "delete", namespace], { stdio: "ignore" });
  return `${killed} processes and namespace ${namespace}`;
}

const FILLER = "filler";
/** What an overlay may still grow by: nothing that a boot writes fits. */
const LEFT_BYTES = 64 * 1024;

const CHUNK = Buffer.alloc(16 * 2 ** 20);

/** Writes until it has so many or the file system is full: a guest may write meanwhile. */
function writeZeros(path: string, bytes: number): void {
  const file = openSync(path, "w");
  try {
    for (let left = bytes; left > 0;) left -= writeSync(file, CHUNK, 0, Math.min(left, CHUNK.length));
  } catch (error) {
    // Jest's own Error is not the one that node:fs throws.
    const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
    if (code !== "ENOSPC") throw error;
  } finally {
    closeSync(file);
  }
}

async function fillDisk({ disks }: FaultPlace): Promise<string | undefined> {
  const { bavail, bsize } = statfsSync(disks);
  const bytes = Math.max(0, bavail * bsize - LEFT_BYTES);
  writeZeros(join(disks, FILLER), bytes);
  return `${bytes} bytes`;
}

export const FAULTS = {
  "the CLI": killing(/\/pulumi (up|refresh|destroy) /, false),
  "./lab": { ...killing(/bin\/cli\/main\.js/, false), leavesPulumi: true },
  "the libvirt provider": killing(/providers\/libvirt\//, false),
  "a dynamic provider": killing(/dynamic-provider/, false),
  "the language host": killing(/toolchain\/language-host|pulumi-language-nodejs/, false),
  virsh: killing(/^virsh /, false),
  libvirtd: killing(/^libvirtd /, false),
  // Not what asks dpkg about QEMU, nor the QEMU that libvirt asks what it can do.
  "a guest": killing(/^\S*qemu-system\S* -name guest=/, true),
  "a reboot of the host": { inject: reboot, drifts: true },
  "a full disk": {
    inject: fillDisk,
    mend: ({ disks }) => {
      if (readdirSync(disks).includes(FILLER)) rmSync(join(disks, FILLER));
    },
    drifts: true,
  },
} as const satisfies Readonly<Record<string, Fault>>;

export type FaultName = keyof typeof FAULTS;
