import { rmSync } from "node:fs";
import { hostname } from "node:os";
import { namedBackend } from "../drivers/named-backend";
import { keptFolder, recordFile, registerFolder } from "../drivers/stack-records";
import { writeWholeFile } from "../drivers/whole-file";
import type { StackName } from "../plan/names";
import { backendDigest, type StackRecord } from "../plan/stack-record";

/** Writes down which checkout made which stack id: the program does as soon as the id is there, before anything can carry it. */

export interface MadeBy extends StackName {
  readonly stackId: string;
  readonly checkout: string;
  readonly libvirtUri: string;
}

export function recordStack(
  made: MadeBy,
  folder: string = registerFolder(),
  environment: NodeJS.ProcessEnv = process.env,
): void {
  const backend = backendDigest(namedBackend(made.checkout, environment) ?? "");
  const text = `${JSON.stringify({ ...made, hostName: hostname(), backend } satisfies StackRecord)}\n`;
  for (const place of [keptFolder(made.checkout), folder]) {
    writeWholeFile(recordFile(place, made.stackId), text);
  }
}

/** With the stack, when nothing of it is left. */
export function forgetStack(stackId: string, checkout: string, folder: string = registerFolder()): void {
  for (const place of [folder, keptFolder(checkout)]) rmSync(recordFile(place, stackId), { force: true });
}
