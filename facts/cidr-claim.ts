import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { withFileLock } from "../drivers/file-lock";
import { addressesInUse } from "../drivers/host-addresses";
import { parseCidr } from "../plan/addresses";
import { chooseBlock, claimOwner, type Claim } from "../plan/claims";
import type { StackName } from "../plan/names";
import { PlanError } from "../plan/problems";
import { stackDirectory } from "../plan/plan-topology";

/** The stack's block of addresses on this host: taken once, kept in a file that every checkout of the user sees. */

export interface ClaimRequest extends StackName {
  readonly checkout: string;
  readonly cidrPool: string;
  readonly libvirtUri: string;
}

/** A stack that was only looked at leaves a claim without a directory: it goes after this long. */
const UNUSED_HOURS = 1;

export const claimsFolder = (environment: NodeJS.ProcessEnv = process.env): string =>
  join(environment["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "replikube", "claims");

const fileOf = (folder: string, { checkout, project, stack }: Omit<Claim, "cidr" | "claimedAt">): string =>
  join(folder, `${createHash("sha256").update([checkout, project, stack].join("\0")).digest("hex").slice(0, 16)}.json`);

/** A second copy in the checkout: clearing caches must not move a stack. */
const keptFile = ({ checkout, stack }: Pick<Claim, "checkout" | "stack">): string =>
  join(checkout, ".state/claims", `${stack}.json`);

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

function hasExpired({ checkout, stack, claimedAt }: Claim): boolean {
  if (existsSync(stackDirectory(checkout, stack))) return false;
  return !existsSync(checkout) || Date.now() - Date.parse(claimedAt) > UNUSED_HOURS * 3_600_000;
}

/** Claims of others that still hold; those of nobody are taken away. */
function livingClaims(folder: string): readonly Claim[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => {
      const claim = readClaim(join(folder, name));
      if (claim !== undefined && !hasExpired(claim)) return [claim];
      rmSync(join(folder, name), { force: true });
      return [];
    });
}

function writeWhole(path: string, claim: Claim): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.${process.pid}`, `${JSON.stringify(claim)}\n`);
  renameSync(`${path}.${process.pid}`, path);
}

/** Throws `PlanError` when the pool is full, naming who holds it. */
export async function claimCidr(request: ClaimRequest, folder: string = claimsFolder()): Promise<string> {
  const { checkout, project, stack, cidrPool, libvirtUri } = request;
  const pool = parseCidr(cidrPool);
  if (pool === undefined) throw new PlanError([{ path: "cidrPool", text: `${cidrPool} is no block of addresses` }]);
  mkdirSync(folder, { recursive: true });
  const file = fileOf(folder, request);
  const own = readClaim(file) ?? readClaim(keptFile(request));
  if (own !== undefined) {
    if (!existsSync(file)) writeWhole(file, own);
    return own.cidr; // it never moves
  }
  return withFileLock(join(folder, "lock"), async () => {
    const meanwhile = readClaim(file);
    if (meanwhile !== undefined) return meanwhile.cidr;
    const others = livingClaims(folder).map((claim) => ({ cidr: claim.cidr, who: claimOwner(claim) }));
    const choice = chooseBlock(pool, request, [...others, ...(await addressesInUse(libvirtUri))]);
    if (choice.kind === "full") {
      const text = `${cidrPool} has no free block; it is held by ${choice.holders.join("; ")}`;
      throw new PlanError([{ path: "cidrPool", text }]);
    }
    const claim: Claim = { checkout, project, stack, cidr: choice.cidr, claimedAt: new Date().toISOString() };
    for (const path of [keptFile(request), file]) writeWhole(path, claim);
    return choice.cidr;
  });
}

export function releaseClaim(stack: StackName & { readonly checkout: string }, folder: string = claimsFolder()): void {
  for (const path of [fileOf(folder, stack), keptFile(stack)]) rmSync(path, { force: true });
}
