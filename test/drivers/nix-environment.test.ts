import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nixEnvironment } from "../../drivers/nix-environment";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "nix-environment-"));
  writeFileSync(join(folder, "without"), "root:x:0:\n");
  writeFileSync(join(folder, "with"), "root:x:0:\nnixbld:x:30000:nixbld1\n");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const settings = (...args: Parameters<typeof nixEnvironment>): readonly string[] =>
  (nixEnvironment(...args)["NIX_CONFIG"] ?? "").split("\n");
const groups = (name: "with" | "without"): string => join(folder, name);

it("takes the sandbox away from Debian's tools only", () => {
  const user = { uid: 1000, groups: groups("without") };
  for (const flavour of ["debian", "tiny"] as const) {
    expect(settings(flavour, {}, user)).toEqual(expect.arrayContaining(["sandbox = false", "filter-syscalls = false"]));
  }
  expect(settings("nixos", {}, user).join("\n")).not.toMatch(/sandbox|substituters/);
});

it("builds as root itself only where there are no builders", () => {
  const none = "build-users-group =";
  expect(settings("debian", {}, { uid: 0, groups: groups("without") })).toContain(none);
  expect(settings("debian", {}, { uid: 0, groups: join(folder, "no file") })).toContain(none);
  expect(settings("debian", {}, { uid: 0, groups: groups("with") })).not.toContain(none);
  expect(settings("debian", {}, { uid: 1000, groups: groups("without") })).not.toContain(none);
});

it("lets the stack's own settings win over the user's", () => {
  const lines = settings("debian", { NIX_CONFIG: "max-jobs = 2" }, { settings: { "max-jobs": "0" }, uid: 1000 });
  expect(lines.indexOf("max-jobs = 0")).toBeGreaterThan(lines.indexOf("max-jobs = 2"));
});

it("lets what the user has win, and still has flakes", () => {
  const own = "sandbox = relaxed\nexperimental-features = ca-derivations";
  const lines = settings("debian", { NIX_CONFIG: own }, { uid: 1000, groups: groups("with") });
  expect(lines.indexOf("sandbox = relaxed")).toBeGreaterThan(lines.indexOf("sandbox = false"));
  expect(lines.at(-1)).toBe("extra-experimental-features = nix-command flakes");
});
