import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { STORE_ELSEWHERE, storePlaceOf, storeSettingOf, type StorePlace } from "../plan/nix-store";
import { ReplikubeError } from "./errors";
import { callNix, type NixCall } from "./nix-command";

/** The store that Nix uses here: whether its files can be used by libvirt, and where they are. */

export type LocalStore = Exclude<StorePlace, { readonly kind: "elsewhere" }>;

/** Nix puts it together from files, environment and settings, so it is asked. The second is the name since 2.20. */
async function settingsOfNix(call: NixCall): Promise<string> {
  try {
    return await callNix(["nix", "show-config"], call);
  } catch (error) {
    return await callNix(["nix", "config", "show"], call).catch(() => {
      throw error;
    });
  }
}

export async function findStore(call: NixCall): Promise<LocalStore> {
  const setting = storeSettingOf(await settingsOfNix(call));
  const place = storePlaceOf(setting);
  if (place.kind !== "elsewhere") return place;
  throw new ReplikubeError(
    `host: ${call.step} failed: Nix's setting store, ${setting}, ${STORE_ELSEWHERE.fault}\nnext: ${STORE_ELSEWHERE.remedy}`,
  );
}

/** Where on this machine a path is that Nix names. */
export const placeOf = (store: LocalStore, path: string): string =>
  store.kind === "rooted" ? join(store.entries, basename(path)) : path;

/** Has it been used? Two at once that make it for the first time get into each other's way (2.8 to 2.34). */
export const isMade = (store: LocalStore, environment: NodeJS.ProcessEnv = process.env): boolean =>
  existsSync(
    store.kind === "rooted" ? store.database : join(environment["NIX_STATE_DIR"] ?? "/nix/var/nix", "db/db.sqlite"),
  );
