import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { claimFilesIn, claimsFolder, putClaimFile, removeClaimFile, withClaims } from "../../drivers/claim-files";
import type { Claim } from "../../plan/claims";
import { itAsRoot, NOBODY, unprivileged } from "../fixtures/unprivileged";

let outer = "";
let folder = "";
const umask = process.umask();
beforeEach(() => {
  outer = mkdtempSync(join(tmpdir(), "claim-files-"));
  chmodSync(outer, 0o755);
  folder = join(outer, "claims");
});
afterEach(() => {
  process.umask(umask);
  rmSync(outer, { recursive: true });
});

const claim: Claim = {
  checkout: "/home/somebody/lab",
  project: "replikube",
  stack: "dev",
  cidr: "198.18.7.0/24",
  claimedAt: "2026-12-01T00:00:00.000Z",
};

/** Neither root nor nobody. */
const OTHER = NOBODY - 1;

const modeOf = (path: string): string => (statSync(path).mode & 0o7777).toString(8);
const opened = (): Promise<void> => withClaims(folder, () => Promise.resolve());

it("is one folder of the host, whoever asks, unless the environment names another", () => {
  expect(claimsFolder({ HOME: "/home/somebody", XDG_CACHE_HOME: "/cache" })).toBe("/var/tmp/replikube-claims");
  expect(claimsFolder({ REPLIKUBE_CLAIMS: "/run/claims" })).toBe("/run/claims");
  expect(claimsFolder({ REPLIKUBE_CLAIMS: "" })).toBe("/var/tmp/replikube-claims");
});

it("is a folder like /tmp with files that all may read, whatever the umask", async () => {
  process.umask(0o077);
  await opened();
  putClaimFile(folder, "dev.json", claim);
  expect([modeOf(folder), modeOf(join(folder, "dev.json"))]).toEqual(["1777", "644"]);
  expect(process.umask()).toBe(0o077);
});

it("is locked against all others, and one after the other works in it", async () => {
  const order: string[] = [];
  const second = await withClaims(folder, async () => {
    const waiting = { ended: withClaims(folder, () => Promise.resolve(order.push("second"))) };
    expect(() => execFileSync("flock", ["--nonblock", folder, "true"])).toThrow(/Command failed/);
    order.push("first");
    return Promise.resolve(waiting);
  });
  await second.ended;
  expect(order).toEqual(["first", "second"]);
});

it("reads claims, and nothing of what else somebody may have put there", async () => {
  await opened();
  putClaimFile(folder, "dev.json", claim);
  symlinkSync(join(folder, "dev.json"), join(folder, "link.json"));
  execFileSync("mkfifo", [join(folder, "pipe.json")]);
  mkdirSync(join(folder, "folder.json"));
  writeFileSync(join(folder, "broken.json"), "{");
  writeFileSync(join(folder, "nowhere.json"), JSON.stringify({ ...claim, cidr: "everywhere" }));
  writeFileSync(join(folder, "large.json"), JSON.stringify({ ...claim, more: "x".repeat(20_000) }));
  writeFileSync(join(folder, "dev.json.7.new"), JSON.stringify(claim));
  expect(claimFilesIn(folder)).toEqual([{ path: join(folder, "dev.json"), claim, isTrusted: true }]);
  expect(claimFilesIn(join(outer, "absent"))).toEqual([]);
});

itAsRoot("believes root and oneself, not another user, whose files stay", async () => {
  await opened();
  for (const name of ["roots.json", "others.json"]) putClaimFile(folder, name, claim);
  chownSync(join(folder, "others.json"), OTHER, OTHER);
  const trusted = (): unknown =>
    Object.fromEntries(claimFilesIn(folder).map(({ path, isTrusted }) => [path.slice(folder.length + 1), isTrusted]));
  expect(trusted()).toEqual({ "roots.json": true, "others.json": false });
  unprivileged(() => {
    putClaimFile(folder, "own.json", claim);
    expect(trusted()).toEqual({ "own.json": true, "roots.json": true, "others.json": false });
    claimFilesIn(folder).forEach(removeClaimFile);
    expect(trusted()).toEqual({ "roots.json": true, "others.json": false });
  });
});

itAsRoot("is refused when another user could take a claim out of it", async () => {
  await opened();
  chownSync(folder, OTHER, OTHER);
  await opened();
  chmodSync(folder, 0o777);
  await expect(opened()).rejects.toThrow(
    /claims, .* is another user's folder and closed\nnext: remove it, or chmod 1777/,
  );
  chmodSync(folder, 0o1755);
  await expect(opened()).rejects.toThrow("another user's folder");
});

it("is refused when it is no folder", async () => {
  writeFileSync(folder, "");
  await expect(opened()).rejects.toThrow("is no folder");
  rmSync(folder);
  symlinkSync(outer, folder);
  await expect(opened()).rejects.toThrow("is no folder");
});
