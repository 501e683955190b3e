import { expiryOf, isExpired, leftText, ttlSeconds } from "../../plan/ttl";

const now = new Date("2026-11-25T12:00:00Z");
const later = (seconds: number): Date => new Date(now.getTime() + seconds * 1000);

it.each([
  ["90m", 5400],
  ["8h", 28_800],
  ["2d", 172_800],
  ["1w", 604_800],
])("%s is %i seconds", (text, seconds) => {
  expect(ttlSeconds(text)).toBe(seconds);
});

it.each(["", "0h", "h", "8", "8 h", "8H", "1.5h", "-1h", "8h2m", "08h", "12345h", "8s"])(
  "%j is no time to live",
  (text) => {
    expect(ttlSeconds(text)).toBeUndefined();
    expect(expiryOf(text, now)).toBeUndefined();
  },
);

it("ends its time after the last up, and not a second before", () => {
  const expiry = expiryOf("8h", now);
  expect(expiry).toEqual({ ttl: "8h", expiresAt: "2026-11-25T20:00:00.000Z" });
  if (expiry === undefined) return;
  expect([later(0), later(8 * 3600 - 1), later(8 * 3600)].map((time) => isExpired(expiry, time))).toEqual([
    false,
    false,
    true,
  ]);
});

it.each([
  ["8h", 0, "8 h"],
  ["8h", 30, "8 h"],
  ["8h", 61, "7 h 59 min"],
  ["2d", 3600, "1 d 23 h"],
  ["1w", 60, "6 d 23 h"],
  ["2d", 86_400, "1 d"],
  ["90m", 5395, "1 min"],
  ["90m", 6000, "0 min"],
])("of %s, %i s after the up, there are left: %s", (ttl, seconds, left) => {
  expect(leftText(expiryOf(ttl, now) ?? { ttl, expiresAt: "" }, later(seconds))).toBe(left);
});
