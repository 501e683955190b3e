import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { placesOf } from "../../cli/places";
import { goCompiler, offerTakenGo } from "../../cli/setup/go";

const folder = mkdtempSync(join(tmpdir(), "go-"));
const places = { ...placesOf(folder), cache: folder };
afterAll(() => rmSync(folder, { recursive: true }));

test("a Go that was taken comes before PATH, once", async () => {
  const environment = { PATH: "/usr/bin" };
  offerTakenGo(places, environment);
  expect(environment.PATH).toBe("/usr/bin");

  const taken = join(folder, "go-1.26.1/path");
  mkdirSync(taken, { recursive: true });
  writeFileSync(join(taken, "go"), "");
  offerTakenGo(places, environment);
  offerTakenGo(places, environment);
  expect(environment.PATH).toBe(`${taken}:/usr/bin`);
  expect(await goCompiler.check(places)).toMatchObject({ what: taken });
});
