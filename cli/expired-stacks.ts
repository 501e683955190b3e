import { stackRecords } from "../drivers/stack-records";
import { presenceOf } from "../drivers/visible-files";
import type { OwnStack } from "../plan/garbage";
import type { Finding } from "../plan/garbage-report";
import { isExpired, leftText } from "../plan/ttl";
import type { Places } from "./places";
import { readExpiry } from "./stack-expiry";

/** Stacks of this checkout with a time to live: those whose time is over, and the others. */

export interface ExpiredStack extends OwnStack {
  readonly why: string;
}

export interface TimedStacks {
  readonly expired: readonly ExpiredStack[];
  readonly left: readonly Finding[];
}

/** A copied checkout has the states of the one that it was copied from, and not its machines. */
function otherCheckout({ root }: Places, { stackId }: OwnStack): string | undefined {
  const record = stackRecords(root).find((each) => each.stackId === stackId);
  if (record === undefined || record.checkout === root || presenceOf(record.checkout) === "gone") return undefined;
  return record.checkout;
}

function whyNot(places: Places, own: OwnStack): string | undefined {
  if (own.holder !== undefined) return `${own.holder} works on it`;
  const other = otherCheckout(places, own);
  return other === undefined ? undefined : `its machines are those of ${other}`;
}

export function timedStacks(places: Places, stacks: readonly OwnStack[], now: Date = new Date()): TimedStacks {
  const timed = stacks.flatMap((own) => {
    const expiry = readExpiry(places, own.stack);
    return expiry === undefined ? [] : [{ own, expiry }];
  });
  const expired = timed.flatMap(({ own, expiry }) => {
    const why = `its time to live (${expiry.ttl}) ended at ${expiry.expiresAt}`;
    return isExpired(expiry, now) ? [{ own, why, not: whyNot(places, own) }] : [];
  });
  return {
    expired: expired.flatMap(({ own, why, not }) => (not === undefined ? [{ ...own, why }] : [])),
    left: [
      ...expired.flatMap(({ own, why, not }) =>
        not === undefined ? [] : [{ what: [`stack ${own.stack}`], why: `${why}, but ${not}` }],
      ),
      ...timed
        .filter(({ expiry }) => !isExpired(expiry, now))
        .map(({ own, expiry }) => ({
          what: [`stack ${own.stack}`],
          why: `it may live for another ${leftText(expiry, now)} (ttl ${expiry.ttl})`,
        })),
    ],
  };
}
