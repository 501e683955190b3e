import type { Argv } from "./step";

/** ssh has $SHELL run its ProxyCommand and LocalCommand: a service account's may refuse, and not every person's is a POSIX shell. */
export const withPosixShell = (ssh: Argv): Argv => ["env", "SHELL=/bin/sh", ...ssh];
