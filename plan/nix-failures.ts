/** What went wrong in Nix, and what to do about it, out of what it wrote. */

export type NixFailure =
  | "old nix"
  | "missing attribute"
  | "no space"
  | "sandbox"
  | "hash mismatch"
  | "no download"
  | "no builder"
  | "not deterministic"
  | "builder failed"
  | "evaluation";

/**
 * The first that fits; Nix has no codes for them (sentences of 2.8 to 2.34, and where they differ of Lix and Determinate Nix).
 * A builder's own words come before the fact that it failed.
 */
const SIGNS: readonly (readonly [NixFailure, RegExp])[] = [
  ["old nix", /experimental (\w+ )?feature '.*' is disabled|unrecognised flag|is not a recognised command/],
  ["missing attribute", /does not provide attribute/],
  ["no space", /No space left on device|(disk|database or disk) is full/i],
  [
    "sandbox",
    /forbids setuid modes|needs root to be built|executing '\/bin\/\w+': No such file|required for sandboxing|cloning builder process|unable to start build process/,
  ],
  ["hash mismatch", /hash mismatch in|has changed on the mirror/],
  [
    "no download",
    /unable to download|Could(n't| not) resolve host|cannot be had|Temporary failure resolving|names no Debian mirror/,
  ],
  [
    "no builder",
    /is required to build '.*', but I am a|Reason: (platform mismatch|missing system features|required system or feature not available|local builds are disabled)|unable to start any build/i,
  ],
  ["not deterministic", /may not be deterministic/],
  ["builder failed", /builder for '.*' failed|Cannot build '.*\.drv'|failed to build/],
];

/** Nix warns of what it goes on without: a binary cache that does not answer, an experimental feature that it does not know. */
const withoutWarnings = (text: string): string => text.replaceAll(/^warning: .*$/gm, "");

export function nixFailureOf(text: string): NixFailure {
  const errors = withoutWarnings(text);
  return SIGNS.find(([, sign]) => sign.test(errors))?.[0] ?? "evaluation";
}

export const NIX_REMEDY: Readonly<Record<NixFailure, string>> = {
  "old nix": "this Nix knows no flakes: install Nix 2.8 or newer",
  "missing attribute": "set imageAttribute, or the role's attribute in images, to an image of the flake",
  "no space": "free some space where the Nix store and the temporary directory are; what was built is kept",
  sandbox:
    "run this as root, with sandbox = false and filter-syscalls = false in Nix's configuration and no other value of them in NIX_CONFIG; a store below another root has a sandbox always, which the debian and tiny flavours cannot be built in",
  "hash mismatch":
    "what was downloaded is not what the lock names: ./lab lock-image renews the lock, if the change is wanted",
  "no download":
    "check that the package registries (for the nixos flavour: a binary cache) can be reached, then run this again; what was built is kept",
  "no builder":
    "this machine may not build it: take one of the system and the features that the message names, as a remote builder (builders in Nix's configuration) if need be, and max-jobs above 0",
  "not deterministic": "mend the flake: the builder makes something else each time",
  "builder failed": "read the builder's last lines above; what was built before it is kept",
  evaluation: "mend the flake at the position that the message names",
};
