import type { Argv } from "../plan/step";

/** Processor time of a command and all its processes. What else the computer does changes it little, and the time by the clock a lot. */

/** POSIX `times`: user and system time of the shell, then of the children that it and they have waited for. */
export const withTimes = (...command: Argv): Argv => [
  "sh",
  "-c",
  '"$@"; status=$?; times; exit $status',
  "sh",
  ...command,
];

/** Of what a command `withTimes` has printed. */
export function processorSeconds(stdout: string): number {
  const spent = stdout.trimEnd().split("\n").at(-1) ?? "";
  return [...spent.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds),
    0,
  );
}
