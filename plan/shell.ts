import type { Argv } from "./step";

/** Quotes words for a POSIX shell; words of safe characters stay as they are, so that lines can be read and pasted. */
export const shellQuote = (word: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

export const shellLine = (command: Argv): string => command.map(shellQuote).join(" ");
