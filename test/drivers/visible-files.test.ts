import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ifAllowed, namesIn, presenceOf } from "../../drivers/visible-files";
import { unprivileged } from "../fixtures/unprivileged";

let folder: string;
let closed: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "visible-"));
  chmodSync(folder, 0o755);
  closed = join(folder, "closed");
  mkdirSync(closed);
  writeFileSync(join(closed, "file"), "");
  chmodSync(closed, 0);
});
afterEach(() => {
  chmodSync(closed, 0o755);
  rmSync(folder, { recursive: true });
});

const failing = (code: string) => () => {
  throw Object.assign(new Error(code), { code });
};

it("says gone only when the file system does", () => {
  expect(presenceOf(folder)).toBe("there");
  expect(presenceOf(join(folder, "nothing"))).toBe("gone");
  symlinkSync("loop", join(folder, "loop"));
  expect(presenceOf(join(folder, "loop/below"))).toBe("unknown");
  expect(unprivileged(() => presenceOf(join(closed, "file")))).toBe("unknown");
});

it("tells a folder that may not be looked into from an empty one and from one that is not there", () => {
  const empty = join(folder, "empty");
  mkdirSync(empty);
  expect(unprivileged(() => [folder, empty, join(folder, "nothing"), closed].map((each) => namesIn(each)))).toEqual([
    ["closed", "empty"],
    [],
    [],
    undefined,
  ]);
});

it("passes over nothing but what is not allowed", () => {
  expect(ifAllowed(failing("EPERM"))).toBeUndefined();
  expect(() => ifAllowed(failing("EIO"))).toThrow("EIO");
});
