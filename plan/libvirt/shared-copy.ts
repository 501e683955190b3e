/**
 * Volumes that nobody writes into, so that others on their host may be copied from them. libvirt keeps no metadata of volumes: the
 * name of an empty one beside it says what is in it, and lies there only once all of it is.
 */

const SEPARATOR = ".sha256-";
const DIGEST = /^[0-9a-f]+$/;

/** `digest`: hexadecimal, of the file that was copied. */
export const contentMark = (volume: string, digest: string): string => `${volume}${SEPARATOR}${digest}`;

/** Those of the volumes' marks. */
export const contentMarksOf = (volume: string, names: readonly string[]): readonly string[] =>
  names.filter(
    (name) => name.startsWith(`${volume}${SEPARATOR}`) && DIGEST.test(name.slice(volume.length + SEPARATOR.length)),
  );

/** Undefined: none of them has that content. */
export function volumeWith(digest: string, names: readonly string[]): string | undefined {
  const end = `${SEPARATOR}${digest}`;
  return names
    .filter((name) => name.endsWith(end))
    .map((name) => name.slice(0, -end.length))
    .find((name) => names.includes(name));
}
