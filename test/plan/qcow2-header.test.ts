import { virtualSize } from "../../plan/qcow2-header";

it("a qcow2 file says what it holds, any other holds what it has", () => {
  const header = Buffer.alloc(32);
  header.write("QFI\xfb", "latin1");
  header.writeBigUInt64BE(5_000_192n, 24);
  expect(virtualSize(header)).toBe(5_000_192);
  expect(virtualSize(Buffer.alloc(32))).toBeUndefined();
  expect(virtualSize(Buffer.from("QFI\xfb", "latin1"))).toBeUndefined();
});
