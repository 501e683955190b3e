import { accessSync, constants } from "node:fs";
import { join } from "node:path";

/** A user's PATH leaves the daemons' folders out. */
const DAEMONS = ["/usr/sbin", "/sbin"] as const;

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Those of `programs` that this machine does not have, whoever has installed the others. */
export function missingPrograms(
  programs: readonly string[],
  path: string | undefined = process.env["PATH"],
): readonly string[] {
  const folders = [...(path ?? "").split(":").filter((folder) => folder !== ""), ...DAEMONS];
  return programs.filter((program) => !folders.some((folder) => isExecutable(join(folder, program))));
}
