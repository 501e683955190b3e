import { basename } from "node:path/posix";

/** A store path begins with the hash of all that makes its content: another image is another name. */
const HASH_LENGTH = 32;

export const uploadedName = (prefix: string, outPath: string, part: string): string =>
  `${prefix}-image-${basename(outPath).slice(0, HASH_LENGTH)}-${part}`;
