import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { garbageOf, type Garbage } from "../../cli/garbage-removal";
import { placesOf } from "../../cli/places";
import { claimsFolder } from "../../drivers/claim-files";
import { claimCidr } from "../../facts/cidr-claim";
import type { Claim } from "../../plan/claims";
import type { GarbageSearch } from "../../plan/garbage";

/** Claims of stacks that were only looked at, between the moment in which they are listed and the one in which they go. */

let folder: string;
let root: string;
const before = process.env["REPLIKUBE_CLAIMS"];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "removal-"));
  root = join(folder, "lab");
  mkdirSync(root);
  process.env["REPLIKUBE_CLAIMS"] = join(folder, "claims");
});
afterEach(() => {
  if (before === undefined) delete process.env["REPLIKUBE_CLAIMS"];
  else process.env["REPLIKUBE_CLAIMS"] = before;
  rmSync(folder, { recursive: true });
});

const take = (stack: string): Promise<string> =>
  claimCidr({
    project: "replikube",
    stack,
    checkout: root,
    cidrPool: "198.18.0.0/16",
    libvirtUri: "qemu+unix:///system?socket=/nonexistent/libvirt-sock",
  });

function age(): void {
  for (const place of [claimsFolder(), join(root, ".state/claims")]) {
    for (const name of readdirSync(place).filter((each) => each.endsWith(".json"))) {
      const claim: Claim = JSON.parse(readFileSync(join(place, name), "utf8"));
      writeFileSync(join(place, name), JSON.stringify({ ...claim, claimedAt: "2026-01-01T00:00:00.000Z" }));
    }
  }
}

function found(): readonly Garbage[] {
  const search: GarbageSearch = {
    checkout: root,
    hostName: "here",
    backend: "",
    listsEveryStack: true,
    ownStacks: [],
    records: [],
    libvirtUri: "test:///default",
    objects: [],
  };
  return garbageOf(placesOf(root), search, []);
}

it("leaves the claim of a stack that an up has come for meanwhile, and says so", async () => {
  const blocks = [await take("a"), await take("b")];
  age();
  const garbage = found();
  expect(garbage.flatMap(({ what }) => what).toSorted()).toEqual(blocks.map((each) => `claim of ${each}`).toSorted());
  await take("b");
  const stays = new Map<string, string | undefined>();
  for (const { what, remove } of garbage) stays.set(what.join(), await remove());
  expect(stays.get(`claim of ${blocks[0]}`)).toBeUndefined();
  expect(stays.get(`claim of ${blocks[1]}`)).toMatch(/^stack b of project replikube in .*lab has taken it anew$/);
  expect(await take("b")).toBe(blocks[1]);
  expect(readdirSync(claimsFolder()).filter((name) => name.endsWith(".json"))).toHaveLength(1);
});
