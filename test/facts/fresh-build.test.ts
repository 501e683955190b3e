import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { requireFreshBuild } from "../../facts/fresh-build";

let checkout = "";
beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), "fresh-build-"));
  for (const folder of ["components", "config", "drivers", "facts", "plan", "providers", "resources", "sdks"]) {
    put(`${folder}/a.ts`, 1000);
  }
  put("index.ts", 1000);
  put("bin/index.js", 2000);
});
afterEach(() => rmSync(checkout, { recursive: true, force: true }));

/** `at` in seconds. */
function put(name: string, at: number): void {
  const path = join(checkout, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, "");
  utimesSync(path, at, at);
}

const check = (): void => requireFreshBuild(checkout);

it("takes what was compiled after its sources", () => {
  expect(check).not.toThrow();
});

it.each(["index.ts", "plan/deeper/b.ts", "drivers/a.ts", "sdks/libvirt/index.ts"])(
  "refuses it after a change of %s",
  (name) => {
    put(name, 3000);
    expect(check).toThrow(/older than its sources\nnext: npm run build/);
  },
);

it("does not care for tests, texts and what others installed", () => {
  for (const name of ["test/plan/a.test.ts", "plan/notes.md", "sdks/libvirt/node_modules/x/index.ts"]) put(name, 3000);
  expect(check).not.toThrow();
});

it("refuses to run without compiled code", () => {
  rmSync(join(checkout, "bin"), { recursive: true });
  expect(check).toThrow("npm run build");
});
