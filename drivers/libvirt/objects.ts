import { NotFound, type Virsh } from "../virsh";

/** Small verbs that every kind of libvirt object needs. */

/** XML on standard input: virsh reads it like a file, and nothing of it stands in an argument list. */
export const fromXml = async (virsh: Virsh, verb: string, xml: string, ...before: readonly string[]): Promise<void> => {
  await virsh.run([verb, ...before, "/dev/stdin"], { stdin: xml });
};

export const answer = async (virsh: Virsh, ...args: readonly string[]): Promise<string> =>
  (await virsh.run(args)).stdout.trim();

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
