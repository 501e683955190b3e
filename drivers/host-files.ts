import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { HostObject } from "../plan/host-object";
import { isOnThisMachine } from "../plan/libvirt-uri";
import { sanitizedPath } from "../plan/libvirt/folder-path";
import { REMAINS_FOLDERS, remainsAt } from "../plan/libvirt/remains";
import { parseMark } from "../plan/mark";
import { MARK_VOLUME } from "./libvirt/pool-mark";
import { embeddedHostOf } from "./reach";
import { namesIn } from "./visible-files";

/** Files of a libvirt on this machine: what is in a pool's folder, and what libvirt keeps beside its objects. Looks, and changes nothing. */

export interface HostFiles {
  readonly objects: readonly HostObject[];
  /** Folders that this user may not read. */
  readonly unseen: readonly string[];
}

/** As libvirt itself calls it. */
const LIBVIRTS_FOLDER = "/var/lib/libvirt";

/** The embedded host has its own in that place (toolchain/embedded-host/start.sh). */
function libvirtsFolder(libvirtUri: string): string {
  const embedded = embeddedHostOf(libvirtUri);
  return embedded === undefined ? LIBVIRTS_FOLDER : join(embedded, "lib");
}

/** Paths of all in it; undefined: this user may not look. */
const pathsIn = (folder: string, recursive: boolean): readonly string[] | undefined =>
  namesIn(folder, { recursive })?.map((name) => join(folder, name));

function markIn(path: string): HostObject["mark"] {
  try {
    return parseMark(readFileSync(path, "utf8"));
  } catch {
    return undefined; // then its place has to say whose it is
  }
}

function diskFile(name: string): HostObject {
  const mark = name.endsWith(`/${MARK_VOLUME}`) ? markIn(name) : undefined;
  return { kind: "file", name, ...(mark !== undefined && { mark }) };
}

/** `poolFolders` on the libvirt host. */
export function hostFiles(libvirtUri: string, poolFolders: readonly string[]): HostFiles {
  if (!isOnThisMachine(libvirtUri)) return { objects: [], unseen: [] };
  const own = libvirtsFolder(libvirtUri);
  const seenFrom = (path: string): string =>
    path.startsWith(`${LIBVIRTS_FOLDER}/`) ? join(own, relative(LIBVIRTS_FOLDER, path)) : path;
  const remains = (path: string): readonly HostObject[] => {
    const found = remainsAt(relative(own, path));
    return found === undefined ? [] : [{ ...found, name: path }];
  };
  const searches = [
    ...[...new Set(poolFolders.map(sanitizedPath))].map((path) => {
      const folder = seenFrom(path);
      return { folder, paths: pathsIn(folder, false), look: (found: string) => [diskFile(found)] };
    }),
    ...REMAINS_FOLDERS.map((name) => {
      const folder = join(own, name);
      return { folder, paths: pathsIn(folder, true), look: remains };
    }),
  ];
  return {
    objects: searches.flatMap(({ paths = [], look }) => paths.flatMap(look)),
    unseen: searches.flatMap(({ folder, paths }) => (paths === undefined ? [folder] : [])),
  };
}
