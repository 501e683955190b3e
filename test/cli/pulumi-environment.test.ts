import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { placesOf } from "../../cli/places";
import { pulumiEnvironment } from "../../cli/pulumi-environment";
import { takenGoFolder } from "../../cli/setup/go";

const folder = mkdtempSync(join(tmpdir(), "environment-"));
const places = { ...placesOf(folder), cache: join(folder, "cache") };
afterAll(() => rmSync(folder, { recursive: true }));

const pathWith = (environment: NodeJS.ProcessEnv) => pulumiEnvironment(places, "/cache/bin/pulumi", environment).PATH;

test("what was taken comes before PATH: Pulumi, and Go for the image builds where PATH had none", () => {
  expect(pathWith({ PATH: "/usr/bin" })).toBe("/cache/bin:/usr/bin");
  const go = join(places.cache, "go-1.26.1/path");
  mkdirSync(go, { recursive: true });
  expect(takenGoFolder(places)).toBeUndefined();
  writeFileSync(join(go, "go"), "");
  expect(pathWith({ PATH: "/usr/bin" })).toBe(`/cache/bin:${go}:/usr/bin`);
});

test("what the user has set wins", () => {
  const environment = pulumiEnvironment(places, "/p/pulumi", { PATH: "/bin", PULUMI_HOME: "/home/pulumi" });
  expect(environment).toMatchObject({
    PULUMI_HOME: "/home/pulumi",
    PULUMI_BACKEND_URL: expect.stringMatching(/^file:/),
  });
});
