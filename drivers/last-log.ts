import { existsSync, renameSync } from "node:fs";

/** Logs of a program that is started again: why it had to be stands in the one before. */

export const lastLog = (path: string): string => `${path}.1`;

export function keepAsLast(path: string): void {
  if (existsSync(path)) renameSync(path, lastLog(path));
}
