import type { CommandRunner } from "../drivers/runner";
import type { Argv } from "../plan/step";
import { NOTHING, type Count } from "./test-count";
import type { TestImage } from "./test-images";

/** Builds what tests with guests boot, while tests run that need none of it. */

/**
 * Takes what of the processors is left over, also where the kernel counts each session apart (autogroup): niceness alone says nothing
 * between sessions. In its own session a terminal's Ctrl-C does not reach it: `signal` ends it.
 */
const YIELDING: Argv = [
  "setsid",
  "sh",
  "-c",
  '{ echo 19 >/proc/self/autogroup; } 2>/dev/null || :; exec nice -n 19 "$@"',
  "sh",
];

export function yieldingRunner(runner: CommandRunner, signal: AbortSignal): CommandRunner {
  return {
    machine: runner.machine,
    run: (command, options) => runner.run([...YIELDING, ...command], { ...options, signal }),
  };
}

export type Builds = ReadonlyMap<string, Promise<Count>>;

/** By name, one after the other: two at once would only wait for each other. None begins after `signal`. `count` never fails. */
export function startBuilds(
  images: readonly TestImage[],
  signal: AbortSignal,
  count: (image: TestImage) => Promise<Count>,
): Builds {
  const builds = new Map<string, Promise<Count>>();
  let before: Promise<unknown> = Promise.resolve();
  for (const image of images) {
    const build = before.then(() => (signal.aborted ? NOTHING : count(image)));
    builds.set(image.name, build);
    before = build;
  }
  return builds;
}
