import { homedir } from "node:os";
import { join } from "node:path";
import { cacheFolder } from "../../drivers/cache-folder";

it("is XDG's, and an empty XDG_CACHE_HOME is none", () => {
  expect(cacheFolder({ XDG_CACHE_HOME: "/caches" })).toBe("/caches/replikube");
  expect(cacheFolder({ XDG_CACHE_HOME: "" })).toBe(join(homedir(), ".cache/replikube"));
  expect(cacheFolder({})).toBe(join(homedir(), ".cache/replikube"));
});
