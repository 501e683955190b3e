import { createHash } from "node:crypto";
import { join, resolve } from "node:path/posix";
import type { StackName } from "./names";

/** Who made a stack: a mark tells its id, and not in which checkout its state is. */
export interface StackRecord extends StackName {
  /** The random id in every mark. */
  readonly stackId: string;
  readonly checkout: string;
  /** Of the machine that the checkout is on. */
  readonly hostName: string;
  readonly libvirtUri: string;
  /** Where the state is kept, as `backendDigest` has it; empty when that was not known. */
  readonly backend: string;
}

/** Of a file backend; undefined: it is another kind of backend. How a folder is written to stands behind the `?`. */
export const backendFolder = (url: string): string | undefined => /^file:\/\/([^?]*)/.exec(url)?.[1];

/** Pulumi takes a folder from the one that it runs in, and what follows `~/` from the user's home (3.259, massageBlobPath). */
export function absoluteBackend(
  url: string,
  { folder, home }: { readonly folder: string; readonly home: string },
): string {
  const path = backendFolder(url);
  if (path === undefined) return url;
  const absolute = path.startsWith("~") ? join(home, path.slice(2)) : resolve(folder, path);
  return `file://${absolute}${url.slice(`file://${path}`.length)}`;
}

/** How a folder is written to does not make it another one. */
function placeOf(url: string): string {
  const folder = backendFolder(url);
  return folder === undefined ? url : `file://${folder}`;
}

/** An URL of a backend may hold a password. */
export const backendDigest = (url: string): string =>
  url === "" ? "" : createHash("sha256").update(placeOf(url).replace(/\/+$/, "")).digest("hex").slice(0, 16);

/** Where ./lab keeps the states of a checkout: they go with it. */
export const ownBackend = (checkout: string): string => `file://${join(checkout, ".state/pulumi")}`;
