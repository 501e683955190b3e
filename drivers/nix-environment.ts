import { readFileSync } from "node:fs";
import type { ImageFlavour } from "../plan/experiment-config";

/** The settings with which this project runs Nix. What the user has in NIX_CONFIG comes after ours, and wins. */

/** The debian and tiny flavours run Debian's own tools as root, which a build sandbox and its system call filter forbid. */
const UNSANDBOXED = ["sandbox = false", "filter-syscalls = false"] as const;

function hasBuilders(): boolean {
  try {
    return /^nixbld:/m.test(readFileSync("/etc/group", "utf8"));
  } catch {
    return false;
  }
}

export function nixEnvironment(
  flavour: ImageFlavour,
  environment: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const settings = [
    "experimental-features = nix-command flakes",
    // Ours are built from package registries; asking a binary cache for them only costs time.
    ...(flavour === "nixos" ? [] : [...UNSANDBOXED, "substituters ="]),
    ...(process.getuid?.() === 0 && !hasBuilders() ? ["build-users-group ="] : []),
    environment["NIX_CONFIG"] ?? "",
  ];
  return { NIX_CONFIG: settings.join("\n"), LC_ALL: "C" };
}
