import { closeSync, existsSync, openSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { ReplikubeError } from "./errors";
import { writePrivateFile } from "./private-file";

/** Changes a kubeconfig that belongs to the user: whole or not at all, and with a copy of what was there before. */
export interface KubeconfigChange {
  /** The file that was changed; where a link points, not the link. */
  readonly path: string;
  /** Absent when nothing changed or there was no file. */
  readonly backup?: string;
  readonly changed: boolean;
}

/** kubectl takes the same lock while it changes the file. */
function withLock<T>(path: string, use: () => T): T {
  const lock = `${path}.lock`;
  try {
    closeSync(openSync(lock, "wx", 0o600));
  } catch (cause) {
    if (!existsSync(lock)) throw cause;
    throw new ReplikubeError(
      `${path} is being changed by another program (${lock} exists); try again, or remove that file when no kubectl runs`,
      { cause },
    );
  }
  try {
    return use();
  } finally {
    rmSync(lock, { force: true });
  }
}

export function changeKubeconfig(file: string, change: (text: string) => string): KubeconfigChange {
  const path = existsSync(file) ? realpathSync(file) : file;
  if (!existsSync(path)) {
    const text = change("");
    if (text !== "") writePrivateFile(path, text);
    return { path, changed: text !== "" };
  }
  return withLock(path, () => {
    const before = readFileSync(path, "utf8");
    const after = change(before);
    if (after === before) return { path, changed: false };
    const backup = `${path}.before-replikube`;
    writePrivateFile(backup, before);
    writePrivateFile(path, after);
    return { path, backup, changed: true };
  });
}
