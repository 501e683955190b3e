import { readFileSync } from "node:fs";
import type { ImageFlavour, NixSettings } from "../plan/experiment-config";

/** The settings with which this project runs Nix. What the user has in NIX_CONFIG comes after ours, and wins; a stack's own come last. */

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
  {
    settings: own = {},
    uid = process.getuid?.(),
    groups = "/etc/group",
  }: { readonly settings?: NixSettings; readonly uid?: number; readonly groups?: string } = {},
): Record<string, string> {
  const settings = [
    // Two evaluations of one flake at once get into each other's way in Nix's own cache (2.8: "is busy", then attributes
    // "unexpectedly missing"), and what they answer is kept by this project.
    "eval-cache = false",
    // Ours are built from package registries; asking a binary cache for them only costs time.
    ...(flavour === "nixos" ? [] : [...UNSANDBOXED, "substituters ="]),
    ...(uid === 0 && !hasBuilders(groups) ? ["build-users-group ="] : []),
    environment["NIX_CONFIG"] ?? "",
    ...Object.entries(own).map(([name, value]) => `${name} = ${value}`),
    // Last, and besides what the user has: without these two nothing works.
    "extra-experimental-features = nix-command flakes",
  ];
  return { NIX_CONFIG: settings.join("\n"), LC_ALL: "C" };
}
