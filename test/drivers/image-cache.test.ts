import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dropKnownImages, readKnownImage, writeKnownImage } from "../../drivers/image-cache";
import type { EvaluatedImage } from "../../drivers/nix";
import { imageFacts } from "../fixtures/experiment";

let checkout = "";
let folder = "";
beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), "image-cache-"));
  folder = join(checkout, ".state/facts");
});
afterEach(() => rmSync(checkout, { recursive: true, force: true }));

const image: EvaluatedImage = { facts: imageFacts, drvPath: "/nix/store/a.drv", outPath: "/nix/store/a" };

it("gives back what was written, and nothing that is half or somebody else's", () => {
  const file = join(folder, "one.json");
  expect(readKnownImage(file)).toBeUndefined();
  writeKnownImage(file, image);
  expect(readKnownImage(file)).toEqual(image);
  expect(readdirSync(folder)).toEqual(["one.json"]);
  for (const text of ["", "{", "null", "[]", '{"facts":{}}', JSON.stringify({ ...image, facts: { schema: 2 } })]) {
    writeFileSync(file, text);
    expect(readKnownImage(file)).toBeUndefined();
  }
});

it("keeps the newest only", () => {
  for (let index = 0; index < 30; index += 1) {
    const file = join(folder, `${index}.json`);
    writeKnownImage(file, image);
    utimesSync(file, 1000 + index, 1000 + index);
  }
  const kept = readdirSync(folder).map((name) => Number.parseInt(name, 10));
  expect(kept).toHaveLength(20);
  expect(Math.min(...kept)).toBe(10);
});

it("forgets all of it at once", () => {
  writeKnownImage(join(folder, "one.json"), image);
  dropKnownImages(checkout);
  dropKnownImages(checkout);
  expect(existsSync(folder)).toBe(false);
});
