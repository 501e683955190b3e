import { tmpdir } from "node:os";
import { join } from "node:path";
import { withPrivateDirectory, writePrivateFile } from "../private-file";
import { NotFound, type Virsh } from "../virsh";

/** Small verbs that every kind of libvirt object needs. */

/** virsh takes XML only from a file; /dev/stdin cannot be opened when it is a socket, as Node.js makes it. */
export const fromXml = (virsh: Virsh, verb: string, xml: string, ...before: readonly string[]): Promise<void> =>
  withPrivateDirectory(tmpdir(), async (folder) => {
    const file = join(folder, "object.xml");
    writePrivateFile(file, xml);
    await virsh.run([verb, ...before, file]);
  });

export const answer = async (virsh: Virsh, ...args: readonly string[]): Promise<string> =>
  (await virsh.run(args)).stdout.trim();

/** What virsh lists, a line each. */
export const linesOf = async (virsh: Virsh, ...args: readonly string[]): Promise<readonly string[]> =>
  (await virsh.run(args)).stdout
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

/** Undefined only when libvirt says that there is no such object. */
export async function ifFound<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof NotFound) return undefined;
    throw error;
  }
}

/** `Key: value` lines of virsh's -info commands. */
export function infoField(text: string, field: string): string {
  const line = text.split("\n").find((each) => each.startsWith(`${field}:`));
  return line?.slice(field.length + 1).trim() ?? "";
}
