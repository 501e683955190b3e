import { join } from "node:path/posix";

/** Where the entries of a Nix store lie, out of Nix's setting `store`. What they are called (`/nix/store/…`) is another matter. */
export type StorePlace =
  /** Where their names say. */
  | { readonly kind: "as named" }
  /** Below another root of this machine. */
  | { readonly kind: "rooted"; readonly entries: string; readonly database: string }
  | { readonly kind: "elsewhere" };

export const STORE_ELSEWHERE = {
  fault: "names no store with files on this machine, which libvirt needs",
  remedy: "leave store at auto, and name another machine that is to build in builders: the image comes here then",
} as const;

/** Stores whose files are this machine's; the empty one is Nix's default. */
const LOCAL: readonly string[] = ["", "auto", "daemon", "local", "unix"];

/** To Nix a plus is a plus. */
const optionsOf = (query: string): URLSearchParams => new URLSearchParams(query.replaceAll("+", "%2B"));
const decoded = (path: string): string => optionsOf(`path=${path.replaceAll("&", "%26")}`).get("path") ?? "";

/** `local`, `/root`, `local?root=/root`, and as 2.34 spells them `local:///root`, `local://?root=/root`. */
export function storePlaceOf(setting: string): StorePlace {
  const [, place = "", query = ""] = /^([^?]*)\??(.*)$/.exec(setting.trim()) ?? [];
  const isPath = place.startsWith("/");
  const [scheme = "", path = ""] = place.split("://");
  if (!isPath && !LOCAL.includes(scheme)) return { kind: "elsewhere" };
  const options = optionsOf(query);
  const given = isPath ? place : decoded(path);
  // The path of `unix://` is a socket.
  const root = options.get("root") ?? (scheme === "unix" ? "" : given);
  const entries = options.get("real") ?? (root === "" ? "" : join(root, "nix/store"));
  if (entries === "") return { kind: "as named" };
  return { kind: "rooted", entries, database: join(root, "nix/var/nix/db/db.sqlite") };
}

/** The last word that Nix's own list of its settings (`store = auto`) has on it. */
export const storeSettingOf = (settings: string): string => /^store = (.*)$/m.exec(settings)?.[1] ?? "";
