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

/** The guest read its clock somewhere between the question and the answer. */
const middle = ({ before, after }: ClockReading): number => (before + after) / 2;

/** Ahead is positive. */
const secondsOff = (reading: ClockReading): number => reading.guest - middle(reading);

export const isRight = (reading: ClockReading): boolean =>
  Math.abs(secondsOff(reading)) <= TOLERATED_SECONDS + (reading.after - reading.before) / 2;

/** Seconds of the guest's clock in a second of this machine's. */
export const speedOf = (earlier: ClockReading, later: ClockReading): number =>
  (later.guest - earlier.guest) / (middle(later) - middle(earlier));

/** Beyond what the readings themselves leave open. A clock that gains this much is minutes off after an hour. */
const TOLERATED_SPEED = 0.05;

export function runsRight(earlier: ClockReading, later: ClockReading): boolean {
  const open = (later.after - later.before + earlier.after - earlier.before) / 2;
  return Math.abs(speedOf(earlier, later) - 1) <= TOLERATED_SPEED + open / (middle(later) - middle(earlier));
}

export function offText(reading: ClockReading): string {
  const off = Math.round(secondsOff(reading));
  return `${Math.abs(off)} s ${off < 0 ? "behind" : "ahead"}`;
}

/** Whole seconds are what every `date` takes. */
export const setClockCommand = (now: number): Argv => ["date", "-u", "-s", `@${Math.round(now)}`];
