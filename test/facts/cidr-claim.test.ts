import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { claimCidr, releaseClaim, releaseStaleClaim, staleClaims, type ClaimRequest } from "../../facts/cidr-claim";
import { withClaims } from "../../drivers/claim-files";
import type { Claim } from "../../plan/claims";
import { stackDirectory } from "../../plan/plan-topology";
import { asNobody, itAsRoot, NOBODY } from "../fixtures/unprivileged";

/** A libvirt that is not there is no error, and no network of this machine must decide these tests. */
const NO_LIBVIRT = "qemu+unix:///system?socket=/nonexistent/libvirt-sock";
/** Of a documentation block (RFC 5737 and 2544), so that no route of the machine lies in it. */
const POOL = "198.18.0.0/16";

let folder = "";
let claims = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "claims-"));
  claims = join(folder, "cache/claims");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const checkoutOf = (name: string): string => {
  const checkout = join(folder, name);
  mkdirSync(checkout, { recursive: true });
  return checkout;
};

const request = (stack: string, more: Partial<ClaimRequest> = {}): ClaimRequest => ({
  project: "replikube",
  stack,
  checkout: checkoutOf("lab"),
  cidrPool: POOL,
  libvirtUri: NO_LIBVIRT,
  ...more,
});

const claim = (stack: string, more: Partial<ClaimRequest> = {}): Promise<string> =>
  claimCidr(request(stack, more), claims);

const claimFiles = (): readonly string[] => readdirSync(claims).filter((name) => name.endsWith(".json"));

/** As if every claim had been made then. */
function age(hours: number, inFolder = claims): void {
  for (const name of readdirSync(inFolder).filter((each) => each.endsWith(".json"))) {
    const path = join(inFolder, name);
    const old: Claim = JSON.parse(readFileSync(path, "utf8"));
    writeFileSync(path, JSON.stringify({ ...old, claimedAt: new Date(Date.now() - hours * 3_600_000).toISOString() }));
  }
}

it("gives stacks that come at the same moment different blocks, and each of them its own again", async () => {
  const names = ["a", "b", "c", "d", "e", "f"];
  const first = await Promise.all(names.map((name) => claim(name, { cidrPool: "198.18.0.0/21" })));
  expect(new Set(first).size).toBe(names.length);
  expect(await Promise.all(names.map((name) => claim(name, { cidrPool: "198.18.0.0/21" })))).toEqual(first);
  expect(claimFiles()).toHaveLength(names.length);
});

it("tells two checkouts with the same stack apart", async () => {
  const blocks = [await claim("dev"), await claim("dev", { checkout: checkoutOf("other lab") })];
  expect(new Set(blocks).size).toBe(2);
});

it("keeps a stack where it is when the cache is cleared, and goes to the same place when all is lost", async () => {
  const block = await claim("dev");
  rmSync(claims, { recursive: true });
  expect(await claim("dev")).toBe(block);
  expect(claimFiles()).toHaveLength(1);
});

it("names the other stack when a lost claim was taken meanwhile", async () => {
  const pool = { cidrPool: "198.18.0.0/24" };
  await claim("dev", pool);
  rmSync(claims, { recursive: true });
  await claim("other", { ...pool, checkout: checkoutOf("elsewhere") });
  await expect(claim("dev", pool)).rejects.toThrow(
    /198\.18\.0\.0\/24, but stack other of project replikube in .*elsewhere/,
  );
});

it("chooses anew for a stack that was only looked at and has lost its block to another", async () => {
  const pool = { cidrPool: "198.18.0.0/23" };
  const block = await claim("seen", pool);
  age(1.1);
  age(1.1, kept());
  await claim("next", { cidrPool: block, checkout: checkoutOf("elsewhere") });
  const another = await claim("seen", pool);
  expect(another).not.toBe(block);
  expect(readdirSync(kept())).toHaveLength(1);
  rmSync(claims, { recursive: true });
  expect(await claim("seen", pool)).toBe(another);
});

it("does not take a copied checkout for the one that it was copied from", async () => {
  const block = await claim("dev");
  const copy = checkoutOf("copy");
  mkdirSync(join(copy, ".state/claims"), { recursive: true });
  for (const name of readdirSync(join(folder, "lab/.state/claims"))) {
    writeFileSync(join(copy, ".state/claims", name), readFileSync(join(folder, "lab/.state/claims", name)));
  }
  expect(await claim("dev", { checkout: copy })).not.toBe(block);
});

it("takes another block from another pool, and finds the first again when the pool is set back", async () => {
  const block = await claim("dev");
  expect(await claim("dev", { cidrPool: "198.51.100.0/24" })).toBe("198.51.100.0/24");
  expect(await claim("dev")).toBe(block);
  await expect(claim("next", { cidrPool: "198.51.100.0/24" })).rejects.toThrow("stack dev of project replikube");
});

it("says who holds a full pool", async () => {
  const cidrPool = "198.18.0.0/23";
  await claim("a", { cidrPool });
  await claim("b", { cidrPool });
  const full = claim("c", { cidrPool });
  await expect(full).rejects.toThrow(/cidrPool: 198\.18\.0\.0\/23 has no free block/);
  await expect(full).rejects.toThrow("stack a of project replikube in");
  await expect(full).rejects.toThrow("stack b of project replikube in");
  await expect(claim("d", { cidrPool: "198.18.0.0/25" })).rejects.toThrow("it is smaller than a /24");
});

it("lets the claim of a stack go that was only looked at, after an hour", async () => {
  const only = { cidrPool: "198.18.0.0/24" };
  await claim("seen", only);
  age(0.9);
  await expect(claim("next", only)).rejects.toThrow("stack seen");
  age(1.1);
  await expect(claim("next", only)).resolves.toBe("198.18.0.0/24");
});

it("holds the claim of a stack that is there, however old, until its checkout is gone", async () => {
  const only = { cidrPool: "198.18.0.0/24" };
  await claim("built", only);
  mkdirSync(stackDirectory(join(folder, "lab"), "built"), { recursive: true });
  age(1000);
  const elsewhere = { ...only, checkout: checkoutOf("elsewhere") };
  await expect(claim("next", elsewhere)).rejects.toThrow("stack built");
  rmSync(join(folder, "lab"), { recursive: true });
  await expect(claim("next", elsewhere)).resolves.toBe("198.18.0.0/24");
});

it("never lets its own claim expire, and renews it", async () => {
  const block = await claim("dev");
  age(5);
  expect(await claim("dev")).toBe(block);
  await claim("other");
  expect(claimFiles()).toHaveLength(2);
});

it("is not disturbed by a file that somebody else put there", async () => {
  mkdirSync(claims, { recursive: true });
  writeFileSync(join(claims, "broken.json"), "{");
  writeFileSync(join(claims, "other.json"), '{"cidr":1}');
  await expect(claim("dev")).resolves.toMatch(/^198\.18\.\d+\.0\/24$/);
  expect(existsSync(join(claims, "broken.json"))).toBe(true);
});

/** As if another user had written all that is there. */
const giveAway = (): void => claimFiles().forEach((name) => chownSync(join(claims, name), NOBODY, NOBODY));

/** Everything, and a checkout of nobody's. */
function open(): string {
  for (const each of [folder, join(folder, "cache")]) chmodSync(each, 0o755);
  const checkout = checkoutOf("nobody's lab");
  chownSync(checkout, NOBODY, NOBODY);
  return checkout;
}

describe("what another user has claimed", () => {
  const only = { cidrPool: "198.18.0.0/24" };
  itAsRoot("is not given to a new stack, and their stack is named", async () => {
    await claim("theirs", { ...only, checkout: checkoutOf("their lab") });
    giveAway();
    await expect(claim("dev", only)).rejects.toThrow(/held by stack theirs of project replikube in .*their lab/);
  });

  itAsRoot("goes when it has expired, also when it cannot be removed", async () => {
    await claim("theirs", { ...only, checkout: checkoutOf("their lab") });
    age(1.1);
    const mine = open();
    expect(await asNobody(() => claim("dev", { ...only, checkout: mine }))).toBe("198.18.0.0/24");
    expect(claimFiles()).toHaveLength(2);
  });

  itAsRoot(
    "counts for an hour when their checkout may not be looked at, whose network speaks for it later",
    async () => {
      const theirs = checkoutOf("closed/lab");
      await claim("theirs", { ...only, checkout: theirs });
      mkdirSync(stackDirectory(theirs, "theirs"), { recursive: true });
      chmodSync(join(folder, "closed"), 0o700);
      const mine = open();
      const take = (): Promise<string> => asNobody(() => claim("dev", { ...only, checkout: mine }));
      await expect(take()).rejects.toThrow("stack theirs");
      age(1.1);
      await expect(take()).resolves.toBe("198.18.0.0/24");
    },
  );

  itAsRoot("moves no stack that has its block, in whosever name it is", async () => {
    const block = await claim("dev");
    const file = claimFiles()[0] ?? "";
    const own: Claim = JSON.parse(readFileSync(join(claims, file), "utf8"));
    const put = (name: string, more: Partial<Claim>): void => {
      writeFileSync(join(claims, name), JSON.stringify({ ...own, ...more }));
      chownSync(join(claims, name), NOBODY, NOBODY);
    };
    put("rival.json", { stack: "rival", checkout: checkoutOf("rival's lab") });
    put("false.json", { cidr: "198.18.200.0/24" });
    rmSync(join(claims, file));
    expect(await claim("dev")).toBe(block);
    releaseClaim(request("dev"), claims);
    expect(claimFiles().toSorted()).toEqual(["false.json", "rival.json"]);
    expect(staleClaims(checkoutOf("lab"), claims)).toEqual([]);
  });
});

it("gives everything back with the stack", async () => {
  await claim("dev");
  await claim("dev", { cidrPool: "198.51.100.0/24" });
  await claim("other");
  releaseClaim(request("dev"), claims);
  expect(claimFiles()).toHaveLength(1);
  expect(readdirSync(join(folder, "lab/.state/claims"))).toEqual([expect.stringMatching(/^other-/)]);
});

const kept = (): string => join(folder, "lab/.state/claims");

async function stale(cidrPool = POOL): Promise<Claim> {
  const cidr = await claim("seen", { cidrPool });
  age(1.1);
  age(1.1, kept());
  const found = staleClaims(checkoutOf("lab"), claims).find((each) => each.cidr === cidr);
  if (found === undefined) throw new Error("it is not stale");
  return found;
}

describe("a claim that was found stale", () => {
  it("goes, with its copy in the checkout", async () => {
    expect(await releaseStaleClaim(await stale(), claims)).toBe(true);
    expect([...claimFiles(), ...readdirSync(kept())]).toEqual([]);
  });

  it("stays when its stack takes it anew before it goes, by which time everybody else has to wait", async () => {
    const found = await stale();
    const released = await withClaims(claims, async () => {
      const releasing = releaseStaleClaim(found, claims);
      await sleep(300);
      age(0);
      return { releasing };
    });
    expect(await released.releasing).toBe(false);
    expect([claimFiles().length, readdirSync(kept()).length]).toEqual([1, 1]);
  });

  it("goes alone: what the stack has taken of another pool stays", async () => {
    const found = await stale("198.51.100.0/24");
    const block = await claim("seen");
    expect(await releaseStaleClaim(found, claims)).toBe(true);
    expect(claimFiles()).toHaveLength(1);
    expect(await claim("seen")).toBe(block);
  });
});
