import { statSync } from "node:fs";
import { basename } from "node:path";
import { seenAllocation } from "../../plan/libvirt/storage-xml";
import type { Virsh } from "../virsh";
import { answer } from "./objects";

/** A file of this machine into a volume. On a slow line it takes a while, and says how far it is. */

export type Say = (line: string, options: { readonly ephemeral: boolean }) => Promise<void>;

/** Whole images over lines of a few Mbit/s. */
export const UPLOAD_SECONDS = 4 * 3600;
const PROGRESS_SECONDS = 10;
const BYTES_PER_MIB = 2 ** 20;

const mib = (bytes: number): string => (bytes / BYTES_PER_MIB).toFixed(0);

interface Upload {
  readonly name: string;
  readonly pool: string;
  readonly source: string;
  readonly deadlineSeconds: number;
}

export async function uploadVolume(
  virsh: Virsh,
  { name, pool, source, deadlineSeconds }: Upload,
  say: Say,
  intervalSeconds: number = PROGRESS_SECONDS,
): Promise<void> {
  const total = statSync(source).size;
  const tell = async (): Promise<void> => {
    const there = seenAllocation(await answer(virsh, "vol-dumpxml", name, "--pool", pool));
    await say(`${basename(source)}: ${mib(there)} of ${mib(total)} MiB are copied`, { ephemeral: true });
  };
  let telling = Promise.resolve();
  // It is the upload that fails, not who looks at it.
  const timer = setInterval(() => (telling = telling.then(tell).catch(() => undefined)), intervalSeconds * 1000);
  try {
    await virsh.run(["vol-upload", name, source, "--pool", pool], { deadlineSeconds });
  } finally {
    clearInterval(timer);
    await telling;
  }
}
