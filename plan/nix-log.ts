/** Nix's `--log-format internal-json`: what is being built, and what went wrong, out of lines of JSON. */

/** Activity types (src/libutil/logging.hh): actBuilds, actBuild. */
const BUILDS = 104;
const BUILD = 105;
/** Result types: resBuildLogLine, resProgress. */
const LOG_LINE = 101;
const PROGRESS = 105;
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

const quotedDerivation = (text: string): string | undefined => /'([^']+\.drv)'/.exec(text)?.[1];

const firstField = ({ fields = [] }: LogEvent): string => (typeof fields[0] === "string" ? fields[0] : "");

const derivationOf = (event: LogEvent): string => firstField(event) || (quotedDerivation(event.text ?? "") ?? "");

export interface NixProgress {
  /** Takes one line; answers what a person would want to read of it, or nothing. */
  line(text: string): string | undefined;
  /** What is going on, for when nothing was told for a while. */
  still(): string | undefined;
}

/** Downloads of single packages are many and quick: only what is worth a line is told. */
const QUIET = /\.deb$/;
/** The end of a shorter build is told by the beginning of the next. */
const WORTH_TELLING_SECONDS = 10;

/** `now` in milliseconds. */
export function nixProgress(now: () => number = () => performance.now()): NixProgress {
  const running = new Map<number, { readonly name: string; readonly since: number }>();
  let counts = { done: 0, expected: 0, failed: 0 };
  let builds: number | undefined;
  const built = (): string => `${counts.done} of ${Math.max(counts.expected, counts.done + running.size)} built`;
  const secondsSince = (since: number): number => Math.round((now() - since) / 1000);
  return {
    line(text) {
      const event = eventOf(text);
      if (event?.id === undefined) return undefined;
      const { id, action, type, fields = [] } = event;
      if (action === "start" && type === BUILDS) builds = id;
      if (action === "result" && type === PROGRESS && id === builds) {
        const [done, expected, , failed] = fields.map(Number);
        counts = { done: done ?? 0, expected: expected ?? 0, failed: failed ?? 0 };
      }
      if (action === "start" && type === BUILD) {
        const name = derivationName(derivationOf(event));
        running.set(id, { name, since: now() });
        return QUIET.test(name) ? undefined : `building ${name} (${built()})`;
      }
      const ended = running.get(id);
      if (action !== "stop" || ended === undefined) return undefined;
      running.delete(id);
      const seconds = secondsSince(ended.since);
      if (counts.failed > 0 || seconds < WORTH_TELLING_SECONDS) return undefined;
      return `built ${ended.name} in ${seconds} s (${built()})`;
    },
    still() {
      const longest = [...running.values()].sort((a, b) => a.since - b.since);
      const [first] = longest;
      if (first === undefined) return undefined;
      return `building ${longest.map(({ name }) => name).join(", ")} (${built()}, ${secondsSince(first.since)} s)`;
    },
  };
}

/** Nix colours its messages even into a pipe; 2.8 logs a builder that cannot start in its wire format. */
// eslint-disable-next-line no-control-regex -- those are meant
const readable = (text: string): string => text.replaceAll(/\u001b\[[0-9;]*m|[\u0000-\u0008\u000e-\u001f]/g, "");

/** What is not built because something else failed: of a long chain 2.34 writes five lines for each, and none is news. */
const DEPENDENT =
  /^error: (\d+ dependenc(y|ies) of derivation '.*' failed to build|Cannot build '.*'\.\s+Reason: \d+ dependenc(y|ies) failed)/;

function withoutDependents(messages: readonly string[]): readonly string[] {
  const causes = messages.filter((message) => !DEPENDENT.test(message));
  return causes.some((message) => message.startsWith("error:")) ? causes : messages;
}

/** The last lines of the builders that failed, then the error messages, as a person reads them. */
export function nixErrorText(stderr: string): string {
  const names = new Map<number, string>();
  const logs: { readonly drv: string; readonly text: string }[] = [];
  const messages: string[] = [];
  for (const line of stderr.split("\n")) {
    const event = eventOf(line);
    if (event === undefined) {
      if (!line.startsWith(PREFIX) && !line.startsWith("warning: Git tree")) messages.push(readable(line));
    } else if (event.action === "start" && event.type === BUILD) {
      names.set(event.id ?? 0, derivationOf(event));
    } else if (event.action === "result" && event.type === LOG_LINE) {
      logs.push({ drv: names.get(event.id ?? 0) ?? "", text: readable(firstField(event)) });
    } else if (event.action === "msg" && (event.level ?? 9) === 0) {
      messages.push(readable(event.msg ?? ""));
    }
  }
  const failed = new Set(messages.map(quotedDerivation));
  const ofFailed = logs.filter(({ drv }) => failed.has(drv));
  return [...ofFailed.map(({ text }) => text), ...withoutDependents(messages)].join("\n").trim();
}
