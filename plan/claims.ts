import { createHash } from "node:crypto";
import { blockCount, formatCidr, nthBlock, overlap, parseCidr, type Cidr } from "./addresses";
import { STACK_PREFIX } from "./node-identities";
import type { StackName } from "./names";

/** Which block of addresses a stack gets on a host, and why another is not free. */

export interface Claim extends StackName {
  readonly checkout: string;
  /** A /24. */
  readonly cidr: string;
  /** ISO 8601 */
  readonly claimedAt: string;
}

/** Something of the host that uses addresses. */
export interface Occupant {
  readonly cidr: string;
  /** For a message: `route 10.0.0.0/8 dev eth0`, `stack dev of /home/me/lab`. */
  readonly who: string;
}

export function isWithin(cidr: string, pool: Cidr): boolean {
  const block = parseCidr(cidr);
  return block !== undefined && block.prefix >= pool.prefix && overlap(block, pool);
}

export const claimOwner = ({ checkout, project, stack }: Omit<Claim, "cidr" | "claimedAt">): string =>
  `stack ${stack} of project ${project} in ${checkout}`;

/** Stable for a stack, and different stacks begin at different places, so that they seldom ask for the same block. */
function firstIndex({ project, stack, checkout }: StackName & { readonly checkout: string }, count: number): number {
  const digest = createHash("sha256").update([checkout, project, stack].join("\0")).digest();
  return digest.readUInt32BE(0) % count;
}

export type Choice =
  { readonly kind: "free"; readonly cidr: string } | { readonly kind: "full"; readonly holders: readonly string[] };

export function chooseBlock(
  pool: Cidr,
  stack: StackName & { readonly checkout: string },
  occupants: readonly Occupant[],
): Choice {
  const count = blockCount(pool, STACK_PREFIX);
  const first = firstIndex(stack, count);
  const taken = occupants.flatMap(({ cidr, who }) => {
    const parsed = parseCidr(cidr);
    return parsed === undefined ? [] : [{ cidr: parsed, who }];
  });
  const holders = new Set<string>();
  for (let step = 0; step < count; step += 1) {
    const block = nthBlock(pool, STACK_PREFIX, (first + step) % count);
    const holder = taken.find((each) => overlap(each.cidr, block));
    if (holder === undefined) return { kind: "free", cidr: formatCidr(block) };
    holders.add(holder.who);
  }
  return { kind: "full", holders: [...holders] };
}
