import type { Argv } from "./step";

/** A guest's clock held against this machine's. Both in seconds since 1970. */

export interface ClockReading {
  /** This machine's, before the guest was asked and after it had answered. */
  readonly before: number;
  readonly after: number;
  readonly guest: number;
}

/** A clock that was set over SSH, or by the kernel from the RTC (whole seconds), is right by a second. */
const TOLERATED_SECONDS = 2;

/** Ahead is positive. The guest read its clock somewhere between the question and the answer. */
const secondsOff = ({ before, after, guest }: ClockReading): number => guest - (before + after) / 2;

export const isRight = (reading: ClockReading): boolean =>
  Math.abs(secondsOff(reading)) <= TOLERATED_SECONDS + (reading.after - reading.before) / 2;

export function offText(reading: ClockReading): string {
  const off = Math.round(secondsOff(reading));
  return `${Math.abs(off)} s ${off < 0 ? "behind" : "ahead"}`;
}

/** Whole seconds are what every `date` takes. */
export const setClockCommand = (now: number): Argv => ["date", "-u", "-s", `@${Math.round(now)}`];
