import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { changeKubeconfig } from "../../drivers/kubeconfig-file";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "kubeconfig-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

test("what was there before is kept beside it, and both are private", () => {
  const path = join(directory, "config");
  writeFileSync(path, "before", { mode: 0o644 });
  const change = changeKubeconfig(path, (text) => `${text} and after`);
  expect(change).toEqual({ path, backup: `${path}.before-replikube`, changed: true });
  expect(readFileSync(path, "utf8")).toBe("before and after");
  expect(readFileSync(`${path}.before-replikube`, "utf8")).toBe("before");
  expect([path, `${path}.before-replikube`].map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600]);
  expect(readdirSync(directory).sort()).toEqual(["config", "config.before-replikube"]);
});

test("no change writes nothing", () => {
  const path = join(directory, "config");
  writeFileSync(path, "same");
  expect(changeKubeconfig(path, (text) => text)).toEqual({ path, changed: false });
  expect(readdirSync(directory)).toEqual(["config"]);
});

test("nothing to write makes no file", () => {
  const path = join(directory, "config");
  expect(changeKubeconfig(path, (text) => text)).toEqual({ path, changed: false });
  expect(readdirSync(directory)).toEqual([]);
});

test("a file that is not there is made, with its directory", () => {
  const path = join(directory, ".kube", "config");
  expect(changeKubeconfig(path, (text) => `${text}new`)).toEqual({ path, changed: true });
  expect(readFileSync(path, "utf8")).toBe("new");
});

test("a link stays a link", () => {
  const real = join(directory, "real");
  const link = join(directory, "config");
  writeFileSync(real, "before");
  symlinkSync(real, link);
  expect(changeKubeconfig(link, () => "after").path).toBe(real);
  expect(readFileSync(link, "utf8")).toBe("after");
  expect(existsSync(`${real}.before-replikube`)).toBe(true);
});

test("a file that kubectl holds is left alone", () => {
  const path = join(directory, "config");
  writeFileSync(path, "before");
  writeFileSync(`${path}.lock`, "");
  expect(() => changeKubeconfig(path, () => "after")).toThrow("being changed by another program");
  expect(readFileSync(path, "utf8")).toBe("before");
  expect(existsSync(`${path}.lock`)).toBe(true);
});

test("a change that fails leaves the file and no lock", () => {
  const path = join(directory, "config");
  writeFileSync(path, "before");
  expect(() =>
    changeKubeconfig(path, (text) => {
      throw new Error(`${text} is no YAML`);
    }),
  ).toThrow("before is no YAML");
  expect(readdirSync(directory)).toEqual(["config"]);
});
