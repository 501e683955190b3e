import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  claimFilesIn,
  claimsFolder,
  putClaimFile,
  removeClaimFile,
  withClaims,
  type ClaimFile,
} from "../drivers/claim-files";
import { addressesInUse } from "../drivers/host-addresses";
import { presenceOf } from "../drivers/visible-files";
import { overlap, parseCidr, type Cidr } from "../plan/addresses";
import { chooseBlock, claimOwner, isWithin, type Claim } from "../plan/claims";
import type { StackName } from "../plan/names";
import { PlanError } from "../plan/problems";
import { stackDirectory } from "../plan/plan-topology";

/**
 * The stack's block of addresses on this host, taken once and kept in a file that every user of the host sees. A preview
 * takes it too: what it shows is what `up` does. Another pool is another claim; the first holds until the stack is destroyed,
 * because its machines are there until then.
 */

export interface ClaimRequest extends StackName {
  readonly checkout: string;
  readonly cidrPool: string;
  readonly libvirtUri: string;
  /** For each look at what is in use on the host. */
  readonly lookSeconds?: number;
}

type Owner = Pick<Claim, "checkout" | "project" | "stack">;

/** A stack that was only looked at leaves a claim without a directory: it goes after this long. */
const UNUSED_HOURS = 1;
/** More names in an error help nobody. */
const NAMED_HOLDERS = 12;

/** A second copy in the checkout: clearing caches must not move a stack. */
const keptFolder = (checkout: string): string => join(checkout, ".state/claims");

const isOwn =
  (owner: Owner) =>
  ({ claim }: ClaimFile): boolean =>
    claim.checkout === owner.checkout && claim.project === owner.project && claim.stack === owner.stack;

/** Who can write into the checkout is believed; elsewhere anybody can write down what concerns another. */
const copiesOf = (owner: Owner, folder: string): readonly ClaimFile[] =>
  [...claimFilesIn(folder).filter(({ isTrusted }) => isTrusted), ...claimFilesIn(keptFolder(owner.checkout))].filter(
    isOwn(owner),
  );

/**
 * What this user may not look at counts as not there only after an hour: a stack claims its block again before it makes its network, and
 * the network speaks for it then.
 */
function hasExpired({ checkout, stack, claimedAt }: Claim): boolean {
  if (presenceOf(checkout) === "gone") return true;
  const isThere = presenceOf(stackDirectory(checkout, stack)) === "there";
  return !isThere && Date.now() - Date.parse(claimedAt) > UNUSED_HOURS * 3_600_000;
}

/** Whole, and in both places; written again it is as good as new. Two users of one checkout have a file each. */
function writeClaim(folder: string, claim: Claim): void {
  const { checkout, project, stack, cidr } = claim;
  const parts = [checkout, project, stack, cidr, process.geteuid?.()];
  const name = createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, 16);
  mkdirSync(keptFolder(checkout), { recursive: true });
  for (const place of [keptFolder(checkout), folder]) putClaimFile(place, `${stack}-${name}.json`, claim);
}

function problem(text: string): PlanError {
  return new PlanError([{ path: "cidrPool", text }]);
}

function overlapping({ cidr }: Claim, others: readonly Claim[]): Claim | undefined {
  const block = parseCidr(cidr);
  return others.find((each) => {
    const theirs = parseCidr(each.cidr);
    return block !== undefined && theirs !== undefined && overlap(block, theirs);
  });
}

/**
 * Only a lost file and another stack that came meanwhile make two claims on one block. A stack that was only looked at has nothing
 * there, and gives way.
 */
function heldBlock(own: readonly ClaimFile[], rivals: readonly Claim[]): string | undefined {
  for (const file of own) {
    const { claim } = file;
    const other = overlapping(claim, rivals);
    if (other === undefined) return claim.cidr;
    if (!hasExpired(claim)) {
      throw problem(`this stack has ${claim.cidr}, but ${claimOwner(other)} holds it too; destroy one of them`);
    }
    removeClaimFile(file);
  }
  return undefined;
}

async function choose(request: ClaimRequest, pool: Cidr, others: readonly Claim[]): Promise<string> {
  const claimed = others.map((claim) => ({ cidr: claim.cidr, who: claimOwner(claim) }));
  const choice = chooseBlock(pool, request, [
    ...claimed,
    ...(await addressesInUse(request.libvirtUri, request.lookSeconds)),
  ]);
  if (choice.kind === "free") return choice.cidr;
  const more = choice.holders.length - NAMED_HOLDERS;
  const holders = [...choice.holders.slice(0, NAMED_HOLDERS), ...(more > 0 ? [`${more} more`] : [])].join("; ");
  throw problem(
    `${request.cidrPool} has no free block; it is held by ${holders || "nothing: it is smaller than a /24"}`,
  );
}

/** Throws `PlanError` when the pool is full, naming who holds it. */
export async function claimCidr(request: ClaimRequest, folder: string = claimsFolder()): Promise<string> {
  const { checkout, project, stack, cidrPool } = request;
  const pool = parseCidr(cidrPool);
  if (pool === undefined) throw problem(`${cidrPool} is no block of addresses`);
  return withClaims(folder, async () => {
    const own = copiesOf(request, folder).filter(({ claim }) => isWithin(claim.cidr, pool));
    const strangers = claimFilesIn(folder).filter((each) => !isOwn(request)(each));
    for (const each of strangers.filter(({ claim }) => hasExpired(claim))) removeClaimFile(each);
    const held = strangers.filter(({ claim }) => !hasExpired(claim));
    const others = held.map(({ claim }) => claim);
    // What another user writes down later moves no stack, and stops none.
    const rivals = held.filter(({ isTrusted }) => isTrusted).map(({ claim }) => claim);
    const cidr = heldBlock(own, rivals) ?? (await choose(request, pool, others));
    writeClaim(folder, { checkout, project, stack, cidr, claimedAt: new Date().toISOString() });
    return cidr;
  });
}

/** Claims that hold nothing: those of checkouts that are gone, and this one's of stacks that were only looked at. */
export const staleClaims = (checkout: string, folder: string = claimsFolder()): readonly Claim[] =>
  claimFilesIn(folder)
    .filter(({ isTrusted }) => isTrusted)
    .map(({ claim }) => claim)
    .filter((claim) => hasExpired(claim) && (claim.checkout === checkout || presenceOf(claim.checkout) === "gone"));

/** With the stack, when nothing of it is left. */
export function releaseClaim(owner: Owner, folder: string = claimsFolder()): void {
  for (const each of copiesOf(owner, folder)) removeClaimFile(each);
}

/** One of `staleClaims`, looked at again now that nobody can take it anew. False: its stack has done that since, and it stays. */
export const releaseStaleClaim = (claim: Claim, folder: string = claimsFolder()): Promise<boolean> =>
  withClaims(folder, () => {
    const copies = copiesOf(claim, folder).filter((each) => each.claim.cidr === claim.cidr);
    const isStale = copies.every((each) => hasExpired(each.claim));
    if (isStale) for (const each of copies) removeClaimFile(each);
    return Promise.resolve(isStale);
  });
