/** Nix's `--log-format internal-json`: what is being built, and what went wrong, out of lines of JSON. */

/** Activity and result types of Nix (src/libutil/logging.hh): actBuild, resBuildLogLine. */
const BUILD = 105;
const LOG_LINE = 101;
const PREFIX = "@nix ";

interface LogEvent {
  readonly action: "start" | "stop" | "result" | "msg";
  readonly id?: number;
  readonly type?: number;
  readonly level?: number;
  readonly text?: string;
  readonly msg?: string;
  readonly fields?: readonly unknown[];
}

function isEvent(value: unknown): value is LogEvent {
  return typeof value === "object" && value !== null && "action" in value;
}

function eventOf(line: string): LogEvent | undefined {
  if (!line.startsWith(PREFIX)) return undefined;
  try {
    const value: unknown = JSON.parse(line.slice(PREFIX.length));
    return isEvent(value) ? value : undefined;
  } catch {
    return undefined; // a killed Nix leaves half a line
  }
}

/** `/nix/store/HASH-kubernetes-1.36.3.drv` is `kubernetes-1.36.3`. */
export const derivationName = (drvPath: string): string =>
  (drvPath.split("/").at(-1) ?? drvPath).replace(/^[a-z0-9]{32}-/, "").replace(/\.drv$/, "");

export interface NixProgress {
  /** Takes one line; answers what a person would want to read of it, or nothing. */
  line(text: string): string | undefined;
}

/** Downloads of single packages are many and quick: only what is worth a line is told. */
const QUIET = /\.deb$/;

export function nixProgress(): NixProgress {
  const running = new Map<number, string>();
  let done = 0;
  return {
    line(text) {
      const event = eventOf(text);
      if (event?.id === undefined) return undefined;
      if (event.action === "start" && event.type === BUILD) {
        const name = derivationName(/'([^']+\.drv)'/.exec(event.text ?? "")?.[1] ?? String(event.fields?.[0] ?? ""));
        running.set(event.id, name);
        return QUIET.test(name) ? undefined : `building ${name} (${done} built)`;
      }
      if (event.action === "stop" && running.delete(event.id)) done += 1;
      return undefined;
    },
  };
}

/** The error messages and the last lines of build logs, as a person reads them. */
export function nixErrorText(stderr: string): string {
  const lines = stderr.split("\n");
  const texts = lines.flatMap((line) => {
    const event = eventOf(line);
    if (event === undefined) return line.startsWith(PREFIX) ? [] : [line];
    if (event.action === "msg" && (event.level ?? 9) <= 1) return [event.msg ?? ""];
    if (event.action === "result" && event.type === LOG_LINE) return [String(event.fields?.[0] ?? "")];
    return [];
  });
  // eslint-disable-next-line no-control-regex -- Nix colours its messages even into a pipe
  return texts.join("\n").replaceAll(/\u001b\[[0-9;]*m/g, "");
}

export type NixFailure =
  "no flakes" | "missing attribute" | "builder failed" | "no space" | "no download" | "sandbox" | "evaluation";

/** The first that fits; Nix has no codes for them (sentences of 2.8 to 2.34). */
const SIGNS: readonly (readonly [NixFailure, RegExp])[] = [
  ["no flakes", /experimental Nix feature/],
  ["missing attribute", /does not provide attribute/],
  ["no space", /No space left on device|disk is full/i],
  ["sandbox", /forbids setuid modes|sandbox|unshare|pivot_root/i],
  ["builder failed", /builder for '.*' failed|Cannot build '.*\.drv'/],
  ["no download", /unable to download|Couldn't resolve host|Could not resolve host|hash mismatch/],
];

export const nixFailureOf = (text: string): NixFailure =>
  SIGNS.find(([, sign]) => sign.test(text))?.[0] ?? "evaluation";

export const NIX_REMEDY: Readonly<Record<NixFailure, string>> = {
  "no flakes": "this Nix is too old for flakes, or forbids them: install Nix 2.8 or newer",
  "missing attribute": "set imageAttribute to a package of the flake; nix flake show lists them",
  "no space": "free some space where the Nix store and the temporary directory are; what was built is kept",
  sandbox: "set sandbox = false and filter-syscalls = false for this build, and run it as root",
  "builder failed": "read the builder's last lines above; what was built before it is kept",
  "no download":
    "check that the package registries (for the nixos flavour: a binary cache) can be reached, then run this again",
  evaluation: "mend the flake at the position that the message names",
};
