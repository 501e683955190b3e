import { lstatSync, readdirSync } from "node:fs";

/** What of the file system this user can see. Only its positive answer counts as gone: what may not be looked at may well be there. */

/** Why it is not seen, by Node's code; any other reason is an error. */
const MISSING = ["ENOENT", "ENOTDIR"];
const DENIED = ["EACCES", "EPERM"];

const codeOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";

export function presenceOf(path: string): "there" | "gone" | "unknown" {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) === undefined ? "gone" : "there";
  } catch {
    return "unknown";
  }
}

/** Undefined: this user may not look. */
export function ifAllowed<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (DENIED.includes(codeOf(error))) return undefined;
    throw error;
  }
}

/** Undefined for what is not there, or goes in that moment. */
export function ifThere<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (MISSING.includes(codeOf(error))) return undefined;
    throw error;
  }
}

/** Names of all in a folder, none of one that is not there; undefined: this user may not look. */
export const namesIn = (folder: string, { recursive = false } = {}): readonly string[] | undefined =>
  ifAllowed(() => {
    try {
      return readdirSync(folder, { recursive, encoding: "utf8" });
    } catch (error) {
      if (MISSING.includes(codeOf(error))) return [];
      throw error;
    }
  });
