import { hasSize, isLarger, sizeAsWanted } from "../../../plan/libvirt/volume-size";

/** Sizes as libvirt 9.0 and QEMU 7.2 were seen to make them. */

it.each([
  ["made", 1_000_000_000, 1_000_000_512],
  ["made", 1, 1024],
  ["grown", 2_000_000_001, 2_000_000_512],
  ["whole", 8 * 2 ** 20, 8 * 2 ** 20],
])("a qcow2 that was %s has its size though it was rounded up", (_, size, bytes) => {
  const wanted = { format: "qcow2", size } as const;
  expect(hasSize(bytes, wanted)).toBe(true);
  expect(isLarger(bytes, wanted)).toBe(false);
  expect(sizeAsWanted(bytes, wanted)).toBe(size);
});

it("a raw volume has each byte, and no disk has a size that is further away", () => {
  expect(hasSize(1_000_000_512, { format: "raw", size: 1_000_000_000 })).toBe(false);
  expect(hasSize(1_000_001_024, { format: "qcow2", size: 1_000_000_000 })).toBe(false);
  expect(isLarger(1_000_001_024, { format: "qcow2", size: 1_000_000_000 })).toBe(true);
  expect(sizeAsWanted(999, { format: "qcow2", size: 2000 })).toBe(999);
  expect(sizeAsWanted(1024, { format: "qcow2" })).toBe(1024);
});
