import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isConsole } from "../../plan/libvirt/console-volume";
import { seenVolume } from "../../plan/libvirt/storage-xml";
import { withPrivateDirectory } from "../private-file";
import type { Virsh } from "../virsh";
import { ifFree } from "./busy-storage";
import { answer, ifFound } from "./objects";
import { volumeNames } from "./volume-names";

/** Consoles on another host: files that libvirt's own daemon writes into the stack's pool. */

/** Undefined when there is none. */
export async function readConsole(
  virsh: Virsh,
  pool: string,
  name: string,
  limitBytes: number = Infinity,
): Promise<string | undefined> {
  await lookOver(virsh, pool);
  const xml = await ifFound(() => answer(virsh, "vol-dumpxml", name, "--pool", pool));
  if (xml === undefined) return undefined;
  return withPrivateDirectory(tmpdir(), async (folder) => {
    const file = join(folder, "console");
    const offset = String(Math.max(0, seenVolume(xml).bytes - limitBytes));
    await virsh.run(["vol-download", name, file, "--pool", pool, "--offset", offset]);
    return readFileSync(file, "utf8");
  });
}

/** Consoles in a stack's pool; none when there is no such pool. */
export async function consolesIn(virsh: Virsh, pool: string): Promise<readonly string[]> {
  const names = await ifFound(async () => {
    await lookOver(virsh, pool);
    return volumeNames(virsh, pool);
  });
  return (names ?? []).filter(isConsole);
}

/** libvirt knows a file that something else made once its pool was looked over again; while it may not be, what it knows has to do. */
const lookOver = (virsh: Virsh, pool: string) => ifFree(() => virsh.run(["pool-refresh", pool]));
