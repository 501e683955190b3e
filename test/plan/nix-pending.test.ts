import { pendingWork } from "../../plan/nix-pending";

/** Sentences of Nix 2.8 to 2.34. */

it.each([
  ["this derivation will be built:\n  /nix/store/a.drv\n", "1 derivation to build"],
  ["these 63 derivations will be built:\n  /nix/store/a.drv\n", "63 derivations to build"],
  ["this path will be fetched (0.00 MiB download, 0.01 MiB unpacked):\n  /nix/store/a\n", "1 path to fetch (0.00 MiB)"],
  [
    "warning: you did not specify '--add-root'\nthese 2 derivations will be built:\n  /nix/store/a.drv\n  /nix/store/b.drv\nthese 1204 paths will be fetched (812.40 MiB download, 3.1 GiB unpacked):\n",
    "2 derivations to build, 1204 paths to fetch (812.40 MiB)",
  ],
  ["don't know how to build these paths:\n  /nix/store/a\n", ""],
  ["", ""],
])("%j", (said, words) => expect(pendingWork(said)).toBe(words));
