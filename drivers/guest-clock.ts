import { setTimeout as sleep } from "node:timers/promises";
import { isRight, offText, runsRight, setClockCommand, speedOf, type ClockReading } from "../plan/clock";
import { shellLine } from "../plan/shell";
import { CommandError, ReplikubeError } from "./errors";
import { whenAnswering, type GuestAgent } from "./guest-agent";
import { recorded } from "./recorded";
import type { CommandRunner } from "./runner";
import type { Timeline } from "./timeline";
import { waitUntil, type WaitOptions } from "./wait";

/**
 * A guest's clock. At boot it has the hypervisor's; one that stood still (paused, saved and restored) is late by that time, and
 * has nobody to ask. The agent's own way to set it needs hwclock, which no image of ours has.
 */

export interface GuestClock {
  readonly agent: Pick<GuestAgent, "time">;
  readonly runner: CommandRunner;
  readonly timeline: Pick<Timeline, "record">;
  /** For an agent that starts again meanwhile. */
  readonly patience: WaitOptions;
  readonly setSeconds: number;
  /** Between two looks at one that was wrong, to know how fast it runs. */
  readonly watchSeconds: number;
}

/** No setting of it lasts. */
export class ClockRunsWrong extends ReplikubeError {
  override readonly name = "ClockRunsWrong";
  constructor(machine: string, speed: number) {
    super(
      `${machine}: the clock runs ${speed.toFixed(2)} times as fast as this machine's: while it booted, its kernel measured the frequency of its processors wrongly, on a host that was too busy\nnext: run the same command again when the host has less to do: the machine is started anew for it`,
    );
  }
}

const read = ({ agent, patience }: GuestClock): Promise<ClockReading> =>
  waitUntil(
    whenAnswering(async () => {
      const before = Date.now() / 1000;
      const guest = await agent.time();
      return { done: true, value: { before, guest, after: Date.now() / 1000 } };
    }),
    patience,
  );

async function set({ runner, setSeconds }: GuestClock, found: ClockReading): Promise<void> {
  const command = setClockCommand(Date.now() / 1000);
  const { exitCode, stderr } = await runner.run(command, { deadlineSeconds: setSeconds });
  if (exitCode === 0) return;
  const step = `set the clock, which is ${offText(found)}`;
  const context = { machine: runner.machine, step, next: "set it by hand: ./lab ssh" };
  throw new CommandError(context, shellLine(command), exitCode, stderr);
}

/** Certificates and leases are worth what the clocks are. Sets it only when it is wrong, and looks again. Throws `ClockRunsWrong`. */
export async function makeClockRight(clock: GuestClock): Promise<void> {
  const { runner, timeline } = clock;
  const found = await read(clock);
  if (isRight(found)) return;
  const title = `set the clock, which was ${offText(found)}`;
  await recorded(timeline, { machine: runner.machine, step: "machine-clock", title }, async () => {
    await set(clock, found);
    const now = await read(clock);
    await sleep(clock.watchSeconds * 1000);
    const later = await read(clock);
    if (!runsRight(now, later)) throw new ClockRunsWrong(runner.machine, speedOf(now, later));
    if (isRight(now)) return;
    throw new ReplikubeError(
      `${runner.machine}: the clock is ${offText(now)} after it was set\nnext: look for a program on the machine that sets it too: ./lab ssh`,
    );
  });
}
