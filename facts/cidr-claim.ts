import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../drivers/cache-folder";
import { withFileLock } from "../drivers/file-lock";
import { addressesInUse } from "../drivers/host-addresses";
import { overlap, parseCidr, type Cidr } from "../plan/addresses";
import { chooseBlock, claimOwner, isWithin, type Claim } from "../plan/claims";
import type { StackName } from "../plan/names";
import { PlanError } from "../plan/problems";
import { stackDirectory } from "../plan/plan-topology";
import { writeWholeFile } from "../drivers/whole-file";

/**
 * The stack's block of addresses on this host, taken once and kept in a file that every checkout of the user sees. A preview
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

interface ClaimFile {
  readonly path: string;
  readonly claim: Claim;
}

/** A stack that was only looked at leaves a claim without a directory: it goes after this long. */
const UNUSED_HOURS = 1;
/** More names in an error help nobody. */
const NAMED_HOLDERS = 12;

export const claimsFolder = (environment: NodeJS.ProcessEnv = process.env): string =>
  join(cacheFolder(environment), "claims");

/** A second copy in the checkout: clearing caches must not move a stack. */
const keptFolder = (checkout: string): string => join(checkout, ".state/claims");

const isOwn =
  (owner: Owner) =>
  ({ claim }: ClaimFile): boolean =>
    claim.checkout === owner.checkout && claim.project === owner.project && claim.stack === owner.stack;

function isClaim(value: unknown): value is Claim {
  return (
    typeof value === "object" &&
    value !== null &&
    ["checkout", "project", "stack", "cidr", "claimedAt"].every((key) => typeof Reflect.get(value, key) === "string")
  );
}

function readClaim(path: string): Claim | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return isClaim(value) ? value : undefined;
  } catch {
    return undefined; // written by nobody we know
  }
}

const claimsIn = (folder: string): readonly ClaimFile[] =>
  (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => name.endsWith(".json"))
    .map((name) => join(folder, name))
    .flatMap((path) => {
      const claim = readClaim(path);
      return claim === undefined ? [] : [{ path, claim }];
    });

function hasExpired({ checkout, stack, claimedAt }: Claim): boolean {
  if (!existsSync(checkout)) return true;
  return !existsSync(stackDirectory(checkout, stack)) && Date.now() - Date.parse(claimedAt) > UNUSED_HOURS * 3_600_000;
}

/** Whole, and in both places; written again it is as good as new. */
function writeClaim(folder: string, claim: Claim): void {
  const { checkout, project, stack, cidr } = claim;
  const name = createHash("sha256").update([checkout, project, stack, cidr].join("\0")).digest("hex").slice(0, 16);
  for (const place of [keptFolder(checkout), folder]) {
    writeWholeFile(join(place, `${stack}-${name}.json`), `${JSON.stringify(claim)}\n`);
  }
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
function heldBlock(own: readonly ClaimFile[], others: readonly Claim[]): string | undefined {
  for (const { path, claim } of own) {
    const other = overlapping(claim, others);
    if (other === undefined) return claim.cidr;
    if (!hasExpired(claim)) {
      throw problem(`this stack has ${claim.cidr}, but ${claimOwner(other)} holds it too; destroy one of them`);
    }
    rmSync(path, { force: true });
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
  return withFileLock(join(folder, "lock"), async () => {
    const all = claimsIn(folder);
    const own = [...all, ...claimsIn(keptFolder(checkout))]
      .filter(isOwn(request))
      .filter(({ claim }) => isWithin(claim.cidr, pool));
    const strangers = all.filter((each) => !isOwn(request)(each));
    for (const { path } of strangers.filter(({ claim }) => hasExpired(claim))) rmSync(path, { force: true });
    const others = strangers.map(({ claim }) => claim).filter((claim) => !hasExpired(claim));
    const cidr = heldBlock(own, others) ?? (await choose(request, pool, others));
    writeClaim(folder, { checkout, project, stack, cidr, claimedAt: new Date().toISOString() });
    return cidr;
  });
}

/** Claims that hold nothing: those of checkouts that are gone, and this one's of stacks that were only looked at. */
export const staleClaims = (checkout: string, folder: string = claimsFolder()): readonly Claim[] =>
  claimsIn(folder)
    .map(({ claim }) => claim)
    .filter((claim) => hasExpired(claim) && (claim.checkout === checkout || !existsSync(claim.checkout)));

const copiesOf = (owner: Owner, folder: string): readonly ClaimFile[] =>
  [...claimsIn(folder), ...claimsIn(keptFolder(owner.checkout))].filter(isOwn(owner));

/** With the stack, when nothing of it is left. */
export function releaseClaim(owner: Owner, folder: string = claimsFolder()): void {
  for (const { path } of copiesOf(owner, folder)) rmSync(path, { force: true });
}

/** One of `staleClaims`, looked at again now that nobody can take it anew. False: its stack has done that since, and it stays. */
export const releaseStaleClaim = (claim: Claim, folder: string = claimsFolder()): Promise<boolean> =>
  withFileLock(join(folder, "lock"), () => {
    const copies = copiesOf(claim, folder).filter((each) => each.claim.cidr === claim.cidr);
    const isStale = copies.every((each) => hasExpired(each.claim));
    if (isStale) for (const { path } of copies) rmSync(path, { force: true });
    return Promise.resolve(isStale);
  });
