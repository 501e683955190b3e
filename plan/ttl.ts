/** A stack's time to live: how long it may be there after its last `up`. */

export interface Expiry {
  /** As it was set, e.g. `8h`. */
  readonly ttl: string;
  /** ISO 8601 */
  readonly expiresAt: string;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const UNITS: Readonly<Record<string, number>> = { m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY };

/** Undefined for what is none; four digits of weeks are more than a lifetime. */
export function ttlSeconds(text: string): number | undefined {
  const [, count, unit = ""] = /^([1-9]\d{0,3})([mhdw])$/.exec(text) ?? [];
  const seconds = UNITS[unit];
  return count === undefined || seconds === undefined ? undefined : Number(count) * seconds;
}

export function expiryOf(ttl: string, now: Date): Expiry | undefined {
  const seconds = ttlSeconds(ttl);
  return seconds === undefined ? undefined : { ttl, expiresAt: new Date(now.getTime() + seconds * 1000).toISOString() };
}

const secondsLeft = ({ expiresAt }: Expiry, now: Date): number => (Date.parse(expiresAt) - now.getTime()) / 1000;

export const isExpired = (expiry: Expiry, now: Date): boolean => secondsLeft(expiry, now) <= 0;

/** The two largest units that say something: `7 h 59 min`. */
export function leftText(expiry: Expiry, now: Date): string {
  const minutes = Math.max(0, Math.ceil(secondsLeft(expiry, now) / MINUTE));
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60];
  const parts = [
    [days, "d"],
    [hours, "h"],
    [rest, "min"],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  const shown = first === -1 ? [[0, "min"] as const] : parts.slice(first, first + 2).filter(([count]) => count > 0);
  return shown.map(([count, unit]) => `${count} ${unit}`).join(" ");
}
