import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkNixFiles } from "../../cli/nix-checks";
import { placesOf } from "../../cli/places";
import { OLDEST_RUST_MINOR } from "../../cli/setup/nix-checkers";

/** The real nixfmt and deadnix, built from their crates, find what is wrong and mend it. */

jest.setTimeout(300_000);

const rust = spawnSync("rustc", ["--version"], { encoding: "utf8" }).stdout ?? "";
const canBuild = Number(/rustc 1\.(\d+)/.exec(rust)?.[1] ?? 0) >= OLDEST_RUST_MINOR;

let root = "";
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "nix-checks-"));
  execFileSync("git", ["init", "-q", root]);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

if (!canBuild) {
  it.todo(`the real nixfmt and deadnix find and mend, but there is no Rust 1.${OLDEST_RUST_MINOR} or newer here`);
} else {
  it("finds an unused name and another form than nixfmt's, and --fix mends both", async () => {
    const file = join(root, "bad.nix");
    writeFileSync(file, "{ used, unused }:\n{ inherit used; list = [ 1 2 ]; }\n");
    const said: string[] = [];
    const report = (line: string): void => void said.push(line);
    await expect(checkNixFiles(placesOf(root), { fix: false, report })).resolves.toMatchObject({ failed: 2 });
    expect(said.join("\n")).toContain("Unused lambda pattern: unused");
    expect(said.join("\n")).toContain("bad.nix: not formatted");
    await checkNixFiles(placesOf(root), { fix: true, report });
    expect(readFileSync(file, "utf8")).toBe("{ used }:\n{\n  inherit used;\n  list = [\n    1\n    2\n  ];\n}\n");
  });
}
