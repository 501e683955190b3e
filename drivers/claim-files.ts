import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { parseCidr } from "../plan/addresses";
import type { Claim } from "../plan/claims";
import { variable } from "../plan/environment";
import { ReplikubeError } from "./errors";
import { withFileLock } from "./file-lock";
import { ifAllowed, namesIn } from "./visible-files";
import { moveIntoPlace } from "./whole-file";

/**
 * What the stacks of all users of this host have claimed: files in one folder, which is like /tmp. Everybody may add a file and read all, and only
 * its owner changes one; so nothing is believed of a file but that somebody put it there.
 */

export interface ClaimFile {
  readonly path: string;
  readonly claim: Claim;
  /** Whether this user, or root, has written it. */
  readonly isTrusted: boolean;
}

/** Outlives a boot, as stacks do; hier(7). */
const HOST_FOLDER = "/var/tmp/replikube-claims";
/** Of /tmp: everybody's, and who has not made a file does not remove it; chmod(1). */
const OPEN_TO_ALL = 0o1777;
const FOR_ALL_TO_READ = 0o644;
/** A claim is a few hundred; nobody's file is to fill the memory. */
const MOST_BYTES = 16_384;
/** Whoever holds the lock may be waiting for a libvirt that does not answer, and another one behind it. */
const WAIT_SECONDS = 180;

export const claimsFolder = (environment: NodeJS.ProcessEnv = process.env): string =>
  variable(environment, "REPLIKUBE_CLAIMS") ?? HOST_FOLDER;

const me = (): number => process.geteuid?.() ?? 0;
const isTrusted = (uid: number): boolean => uid === me() || uid === 0;

function isClaim(value: unknown): value is Claim {
  if (typeof value !== "object" || value === null) return false;
  const texts = ["checkout", "project", "stack", "cidr", "claimedAt"].map((key): unknown => Reflect.get(value, key));
  return texts.every((each) => typeof each === "string") && parseCidr(String(Reflect.get(value, "cidr"))) !== undefined;
}

/** Neither follows a link nor waits for a pipe's other end. */
function read(path: string): ClaimFile | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const status = fstatSync(file);
    if (!status.isFile() || status.size > MOST_BYTES) return undefined;
    const claim: unknown = JSON.parse(readFileSync(file, "utf8"));
    return isClaim(claim) ? { path, claim, isTrusted: isTrusted(status.uid) } : undefined;
  } catch {
    return undefined; // written by nobody we know
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

export const claimFilesIn = (folder: string): readonly ClaimFile[] =>
  (namesIn(folder) ?? []).filter((name) => name.endsWith(".json")).flatMap((name) => read(join(folder, name)) ?? []);

export function putClaimFile(folder: string, name: string, claim: Claim): void {
  const path = join(folder, name);
  moveIntoPlace(path, `${JSON.stringify(claim)}\n`, FOR_ALL_TO_READ);
  chmodSync(path, FOR_ALL_TO_READ); // whatever the umask has taken
}

/** Another user's stays. */
export function removeClaimFile({ path }: ClaimFile): void {
  ifAllowed(() => rmSync(path, { force: true }));
}

function makeOpenToAll(folder: string): void {
  mkdirSync(dirname(folder), { recursive: true });
  const umask = process.umask(0);
  try {
    mkdirSync(folder, { mode: OPEN_TO_ALL });
  } catch (error) {
    if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) throw error;
  } finally {
    process.umask(umask);
  }
}

/** The first to come makes it. Whoever could remove another's claim from it could have two stacks get one block. */
function open(folder: string): void {
  makeOpenToAll(folder);
  const { mode, uid } = lstatSync(folder);
  const isDirectory = (mode & constants.S_IFMT) === constants.S_IFDIR;
  if (isDirectory && (uid === me() || (mode & OPEN_TO_ALL) === OPEN_TO_ALL)) return;
  throw new ReplikubeError(
    `host: ${folder}, where stacks claim their addresses, is ${isDirectory ? "another user's folder and closed" : "no folder"}\nnext: remove it, or chmod 1777 it, or name another one in REPLIKUBE_CLAIMS`,
  );
}

/** One at a time among all users of this host. */
export async function withClaims<T>(folder: string, work: () => Promise<T>): Promise<T> {
  open(folder);
  return withFileLock(folder, work, { waitSeconds: WAIT_SECONDS });
}
