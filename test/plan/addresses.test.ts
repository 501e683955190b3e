import fc from "fast-check";
import {
  addressCount,
  blockCount,
  formatCidr,
  nthAddress,
  nthBlock,
  overlap,
  parseCidr,
  type Cidr,
} from "../../plan/addresses";

const cidr = fc
  .tuple(fc.nat(2 ** 32 - 1), fc.integer({ min: 0, max: 32 }))
  .map(([address, prefix]): Cidr => ({ base: address - (address % 2 ** (32 - prefix)), prefix }));

test("a block survives being written and read", () => {
  fc.assert(fc.property(cidr, (block) => expect(parseCidr(formatCidr(block))).toEqual(block)));
});

test.each([
  "10.0.0.0",
  "10.0.0.0/33",
  "10.0.0.1/24",
  "10.0.0/24",
  "10.0.0.256/32",
  "010.0.0.0/8",
  "10.0.0.0/24/8",
  "10.0.0.0/024",
  "",
  "::/0",
])("%j is no block", (text) => expect(parseCidr(text)).toBeUndefined());

const holds = (outer: Cidr, inner: Cidr): boolean =>
  inner.base >= outer.base && inner.base < outer.base + addressCount(outer);

test("two blocks overlap exactly when one of them holds the other's first address", () => {
  fc.assert(
    fc.property(cidr, cidr, (a, b) => {
      expect(overlap(a, b)).toBe(holds(a, b) || holds(b, a));
      expect(overlap(a, b)).toBe(overlap(b, a));
      expect(overlap(a, a)).toBe(true);
    }),
  );
});

test("the blocks of a pool lie in it side by side", () => {
  const sizes = fc.tuple(cidr, fc.nat(8)).filter(([pool, deeper]) => pool.prefix + deeper <= 32);
  fc.assert(
    fc.property(sizes, fc.nat(255), ([pool, deeper], index) => {
      const prefix = pool.prefix + deeper;
      const count = blockCount(pool, prefix);
      const block = nthBlock(pool, prefix, index % count);
      expect(count).toBe(2 ** deeper);
      expect(overlap(block, pool)).toBe(true);
      expect(overlap(block, nthBlock(pool, prefix, (index + 1) % count))).toBe(count === 1);
    }),
  );
});

test("a pool that is smaller than a block has none of them", () => {
  const pool: Cidr = { base: 0, prefix: 25 };
  expect(blockCount(pool, 24)).toBe(0);
  expect(() => nthBlock(pool, 24, 0)).toThrow("0.0.0.0/25 has no /24 number 0");
});

test("addresses are counted from the block's first, and there is none beyond its last", () => {
  const block = { base: 10 * 2 ** 24 + 77 * 2 ** 16 + 3 * 2 ** 8, prefix: 24 };
  expect([0, 1, 10, 255].map((index) => nthAddress(block, index))).toEqual([
    "10.77.3.0",
    "10.77.3.1",
    "10.77.3.10",
    "10.77.3.255",
  ]);
  expect(() => nthAddress(block, 256)).toThrow(RangeError);
});
