/** What went wrong in Nix, and what to do about it, out of what it wrote. */

export type NixFailure =
  | "old nix"
  | "missing attribute"
  | "no space"
  | "sandbox"
  | "hash mismatch"
  | "no download"
  | "builder failed"
  | "evaluation";

/** The first that fits; Nix has no codes for them (sentences of 2.8 to 2.34). A builder's own words come before the fact that it failed. */
const SIGNS: readonly (readonly [NixFailure, RegExp])[] = [
  ["old nix", /experimental (Nix )?feature|unrecognised flag|is not a recognised command/],
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
  ["builder failed", /builder for '.*' failed|Cannot build '.*\.drv'|failed to build/],
];

export const nixFailureOf = (text: string): NixFailure =>
  SIGNS.find(([, sign]) => sign.test(text))?.[0] ?? "evaluation";

export const NIX_REMEDY: Readonly<Record<NixFailure, string>> = {
  "old nix": "this Nix knows no flakes: install Nix 2.8 or newer",
  "missing attribute": "set imageAttribute to an image of the flake",
  "no space": "free some space where the Nix store and the temporary directory are; what was built is kept",
  sandbox:
    "run this as root, with sandbox = false and filter-syscalls = false in Nix's configuration and no other value of them in NIX_CONFIG",
  "hash mismatch":
    "what was downloaded is not what the lock names: ./lab lock-image renews the lock, if the change is wanted",
  "no download":
    "check that the package registries (for the nixos flavour: a binary cache) can be reached, then run this again; what was built is kept",
  "builder failed": "read the builder's last lines above; what was built before it is kept",
  evaluation: "mend the flake at the position that the message names",
};
