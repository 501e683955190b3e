import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ImageFlavour } from "../plan/experiment-config";

/** The settings with which this project runs Nix. What the user has in NIX_CONFIG comes after ours, and wins. */

/** The debian and tiny flavours run Debian's own tools as root, which a build sandbox and its system call filter forbid. */
const UNSANDBOXED = ["sandbox = false", "filter-syscalls = false"] as const;

function hasBuilders(groups: string): boolean {
  try {
    return /^nixbld:/m.test(readFileSync(groups, "utf8"));
  } catch {
    return false;
  }
}

export function nixEnvironment(
  flavour: ImageFlavour,
  environment: NodeJS.ProcessEnv = process.env,
  { uid = process.getuid?.(), groups = "/etc/group" }: { readonly uid?: number; readonly groups?: string } = {},
): Record<string, string> {
  const settings = [
    // Two evaluations of one flake at once get into each other's way in Nix's own cache (2.8: "is busy", then attributes
    // "unexpectedly missing"), and what they answer is kept by this project.
    "eval-cache = false",
    // Ours are built from package registries; asking a binary cache for them only costs time.
    ...(flavour === "nixos" ? [] : [...UNSANDBOXED, "substituters ="]),
    ...(uid === 0 && !hasBuilders(groups) ? ["build-users-group ="] : []),
    environment["NIX_CONFIG"] ?? "",
    // Last, and besides what the user has: without these two nothing works.
    "extra-experimental-features = nix-command flakes",
  ];
  return { NIX_CONFIG: settings.join("\n"), LC_ALL: "C" };
}

/** Has this machine's Nix been used? Two at once that make the store for the first time get into each other's way (2.8 to 2.34). */
export const hasStore = (environment: NodeJS.ProcessEnv = process.env): boolean =>
  existsSync(join(environment["NIX_STATE_DIR"] ?? "/nix/var/nix", "db/db.sqlite"));
