import { NIX_REMEDY, nixFailureOf } from "../../plan/nix-failures";
import { NIX_RELATIVES } from "../fixtures/nix-relatives";
import { derivationName, nixErrorText, nixProgress } from "../../plan/nix-log";

/** Lines as Nix 2.8 writes them. */
const event = (value: object): string => `@nix ${JSON.stringify(value)}`;
const drv = (name: string): string => `/nix/store/${"a".repeat(32)}-${name}.drv`;
const started = (id: number, name: string): string =>
  event({ action: "start", id, level: 3, type: 105, text: `building '${drv(name)}'`, fields: [drv(name), "", 1, 1] });
const stopped = (id: number): string => event({ action: "stop", id });
const builds = event({ action: "start", id: 1, level: 0, type: 104, text: "" });
const counted = (done: number, expected: number, failed = 0): string =>
  event({ action: "result", id: 1, type: 105, fields: [done, expected, 1, failed] });
const logged = (id: number, text: string): string => event({ action: "result", id, type: 101, fields: [text] });
const failure = (text: string): string =>
  event({ action: "msg", level: 0, msg: `\u001b[31;1merror:\u001b[0m ${text}` });

it("names a derivation as a person does", () => {
  expect(derivationName(drv("kubernetes-1.36.3"))).toBe("kubernetes-1.36.3");
});

it("tells what is built, how much is done, and how long it took", () => {
  let now = 0;
  const progress = nixProgress(() => now);
  const lines = [builds, counted(0, 40), started(7, "libc6_2.41_amd64.deb"), started(8, "kubernetes-1.36.3")];
  expect(lines.map((line) => progress.line(line))).toEqual([
    undefined,
    undefined,
    undefined,
    "building kubernetes-1.36.3 (0 of 40 built)",
  ]);
  now = 12_000;
  expect(progress.line(counted(1, 40))).toBeUndefined();
  expect(progress.line(stopped(7))).toBe("built libc6_2.41_amd64.deb in 12 s (1 of 40 built)");
  now = 60_000;
  expect(progress.still()).toBe("building kubernetes-1.36.3 (1 of 40 built, 60 s)");
  progress.line(counted(2, 40));
  expect(progress.line(stopped(8))).toBe("built kubernetes-1.36.3 in 60 s (2 of 40 built)");
  expect(progress.still()).toBeUndefined();
});

it("says nothing of what failed, of quick builds and of what is no line of Nix", () => {
  const progress = nixProgress(() => 0);
  const lines = [
    builds,
    started(2, "a"),
    stopped(2),
    started(3, "b"),
    counted(1, 2, 1),
    stopped(3),
    "@nix {",
    "warning",
  ];
  expect(lines.map((line) => progress.line(line)).filter((text) => text?.startsWith("built"))).toEqual([]);
});

it("shows the log of the builder that failed, without those that ran beside it, and the message without its colours", () => {
  const stderr = [
    "warning: Git tree '/lab' is dirty",
    started(2, "good"),
    started(3, "bad"),
    logged(2, "all is well"),
    logged(3, "cannot compile"),
    failure(`builder for '\u001b[35;1m${drv("bad")}\u001b[0m' failed with exit code 2`),
    "@nix {half a li",
  ].join("\n");
  expect(nixErrorText(stderr)).toBe(`cannot compile\nerror: builder for '${drv("bad")}' failed with exit code 2`);
});

it("shows the cause, not the long chain of what depends on it, and no characters that are none", () => {
  const chain = Array.from({ length: 9 }, (_, number) =>
    failure(`Cannot build '${drv(`outer-${number}`)}'.\n       Reason: 1 dependency failed.\n       Output paths: x`),
  );
  const cause = failure(`Cannot build '${drv("inner")}'.\n       Reason: builder failed with exit code 1.`);
  const log = logged(3, "\u0005\u0000Error\u0000executing '/bin/bash': No such file");
  const stderr = [started(3, "inner"), log, cause, ...chain].join("\n");
  expect(nixErrorText(stderr)).toBe(
    `Errorexecuting '/bin/bash': No such file\nerror: Cannot build '${drv("inner")}'.\n       Reason: builder failed with exit code 1.`,
  );
  expect(nixErrorText(chain[0] ?? "")).toContain("1 dependency failed");
});

describe.each(NIX_RELATIVES)("recorded, not run: $banner", ({ failures }) => {
  it.each(failures)("takes for %s: %s", (kind, text) => {
    expect(nixFailureOf(text)).toBe(kind);
  });
});

it.each([
  ["old nix", "error: experimental Nix feature 'flakes' is disabled; use '--extra-experimental-features flakes'"],
  ["old nix", "error: unrecognised flag '--no-write-lock-file'"],
  ["missing attribute", "error: flake 'path:/x' does not provide attribute 'packages.x86_64-linux.none'"],
  ["no space", "error: writing to file: No space left on device\nerror: builder for '/nix/store/x.drv' failed"],
  ["sandbox", "Nix forbids setuid modes in this builder\nerror: builder for '/nix/store/x.drv' failed"],
  ["sandbox", "executing '/bin/bash': No such file or directory\nerror: builder for '/nix/store/x.drv' failed"],
  ["hash mismatch", "error: hash mismatch in fixed-output derivation '/nix/store/x.drv':"],
  ["no download", "error: unable to download 'https://example.org/x': Couldn't resolve host name (6)"],
  ["no download", "bash 5.2: pool/bash.deb cannot be had\nerror: builder for '/nix/store/x.drv' failed"],
  ["builder failed", "error: builder for '/nix/store/x.drv' failed with exit code 1"],
  ["builder failed", "error: Cannot build '/nix/store/x.drv'.\n       Reason: builder failed with exit code 1."],
  ["builder failed", "error: 1 dependencies of derivation '/nix/store/x.drv' failed to build"],
  ["no builder", "error: Cannot build '/nix/store/x.drv'.\n       Reason: required system or feature not available"],
  ["not deterministic", "error: derivation '/nix/store/x.drv' may not be deterministic: output '/nix/store/x' differs"],
  ["evaluation", "error: undefined variable 'nope'\n       at /nix/store/x-source/flake.nix:3:5:"],
] as const)("takes for %s: %s", (kind, text) => {
  expect(nixFailureOf(text)).toBe(kind);
  expect(NIX_REMEDY[kind]).not.toBe("");
});
