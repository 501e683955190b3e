import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { basename, dirname } from "node:path";
import { isOnThisMachine } from "../../plan/libvirt-uri";
import type { Virsh } from "../virsh";
import { readConsole } from "./console-volumes";
import { poolAt } from "./pool-names";

/** What a machine printed on its serial console: a file here, or a volume of the stack's pool on another host. */

export function fileTail(path: string, limitBytes: number): string {
  if (!existsSync(path)) return `no file ${path}\n`;
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const buffer = Buffer.alloc(Math.min(size, limitBytes));
    const read = readSync(file, buffer, 0, buffer.length, size - buffer.length);
    return buffer.subarray(0, read).toString("utf8");
  } finally {
    closeSync(file);
  }
}

export const consoleTail = (virsh: Virsh, path: string, limitBytes: number): Promise<string> =>
  isOnThisMachine(virsh.uri) ? Promise.resolve(fileTail(path, limitBytes)) : tailElsewhere(virsh, path, limitBytes);

async function tailElsewhere(virsh: Virsh, path: string, limitBytes: number): Promise<string> {
  const pool = await poolAt(virsh, dirname(path));
  if (pool === undefined) return `no pool at ${dirname(path)} on ${virsh.uri}\n`;
  return (await readConsole(virsh, pool, basename(path), limitBytes)) ?? `no file ${path} on ${virsh.uri}\n`;
}
