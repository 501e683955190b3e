import fc from "fast-check";
import { overlap, parseCidr, type Cidr } from "../../plan/addresses";
import { chooseBlock, claimOwner, isWithin, type Occupant } from "../../plan/claims";

const pool = (text: string): Cidr => parseCidr(text) ?? { base: 0, prefix: 32 };
const stackOf = (stack: string) => ({ checkout: "/home/me/lab", project: "replikube", stack });

const freeBlock = (of: Cidr, stack: string, occupants: readonly Occupant[] = []): string => {
  const choice = chooseBlock(of, stackOf(stack), occupants);
  return choice.kind === "free" ? choice.cidr : `full: ${choice.holders.join("; ")}`;
};

const names = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9-]{0,11}$/), { minLength: 2, maxLength: 40 });

it("gives no block twice, in whatever order the stacks come", () => {
  fc.assert(
    fc.property(names, (stacks) => {
      const claimed: Occupant[] = [];
      for (const stack of stacks) claimed.push({ cidr: freeBlock(pool("10.77.0.0/16"), stack, claimed), who: stack });
      const blocks = claimed.map(({ cidr }) => pool(cidr));
      for (const [index, block] of blocks.entries()) {
        expect(isWithin(claimed[index]?.cidr ?? "", pool("10.77.0.0/16"))).toBe(true);
        expect(blocks.slice(index + 1).some((other) => overlap(block, other))).toBe(false);
      }
    }),
    { numRuns: 30 },
  );
});

it("gives a stack the same block again, whatever else was claimed that is not in the way", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z]{1,12}$/), fc.nat(255), (stack, other) => {
      const first = freeBlock(pool("10.77.0.0/16"), stack);
      const elsewhere = { cidr: `10.78.${other}.0/24`, who: "somebody" };
      expect(freeBlock(pool("10.77.0.0/16"), stack, [elsewhere])).toBe(first);
    }),
  );
});

it("tells two checkouts with the same stack apart", () => {
  const blocks = ["/a", "/b", "/c", "/d"].map((checkout) =>
    chooseBlock(pool("10.77.0.0/16"), { ...stackOf("dev"), checkout }, []),
  );
  expect(new Set(blocks.map((block) => JSON.stringify(block))).size).toBe(4);
});

it("evades what overlaps, not only what is equal", () => {
  const occupants = [
    { cidr: "10.77.0.0/17", who: "route 10.77.0.0/17 dev tun0" },
    { cidr: "10.77.128.7/32", who: "route 10.77.128.7 dev wg0" },
  ];
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z]{1,12}$/), (stack) => {
      const block = pool(freeBlock(pool("10.77.0.0/16"), stack, occupants));
      expect(occupants.some(({ cidr }) => overlap(pool(cidr), block))).toBe(false);
    }),
  );
});

it("names every holder of a full pool, each once", () => {
  const occupants = [
    { cidr: "10.0.0.0/24", who: claimOwner({ checkout: "/a", project: "p", stack: "one" }) },
    { cidr: "10.0.1.0/24", who: "libvirt network default" },
    { cidr: "10.0.2.0/23", who: "route 10.0.2.0/23 dev eth0" },
  ];
  const choice = chooseBlock(pool("10.0.0.0/22"), stackOf("dev"), occupants);
  expect(choice.kind === "full" && [...choice.holders].sort()).toEqual([
    "libvirt network default",
    "route 10.0.2.0/23 dev eth0",
    "stack one of project p in /a",
  ]);
  expect(freeBlock(pool("10.0.0.0/25"), "dev")).toBe("full: ");
});
