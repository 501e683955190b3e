import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withPrivateDirectory, writePrivateFile } from "../../drivers/private-file";

const directory = mkdtempSync(join(tmpdir(), "private-file-"));
afterAll(() => rmSync(directory, { recursive: true }));

const mode = (path: string): number => statSync(path).mode & 0o777;
const parentFor = (name: string): string => mkdtempSync(join(directory, `${name}-`));
const listeners = (): readonly number[] =>
  ["SIGINT", "SIGTERM", "SIGHUP", "exit"].map((name) => process.listenerCount(name));

test("a file that everybody could read is replaced by one that nobody else can", () => {
  const path = join(directory, "kubeconfig");
  writeFileSync(path, "old", { mode: 0o644 });
  writePrivateFile(path, "new");
  expect(readFileSync(path, "utf8")).toBe("new");
  expect(mode(path)).toBe(0o600);
});

test("nothing is left beside it, and missing directories are made for nobody else", () => {
  writePrivateFile(join(directory, "stacks", "dev", "kubeconfig"), "text");
  expect(readdirSync(join(directory, "stacks", "dev"))).toEqual(["kubeconfig"]);
  expect(mode(join(directory, "stacks", "dev"))).toBe(0o700);
});

test("a private directory is gone afterwards, on failure too", async () => {
  let seen = "";
  const use = withPrivateDirectory(directory, async (path) => {
    seen = path;
    expect(mode(path)).toBe(0o700);
    await Promise.reject(new Error("in between"));
  });
  await expect(use).rejects.toThrow("in between");
  expect(existsSync(seen)).toBe(false);
});

describe("a process that has a private directory open", () => {
  const SOURCE = join(__dirname, "../../bin/drivers/private-file.js");

  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
  });

  /** `more` runs once the directory is there, and before it is told so. */
  async function start(parent: string, more = ""): Promise<ChildProcess> {
    const program = `require(${JSON.stringify(SOURCE)}).withPrivateDirectory(${JSON.stringify(parent)}, (folder) => {
      require("node:fs").writeFileSync(folder + "/key", "secret");
      setInterval(() => undefined, 1000);
      ${more}
      process.stdout.write("open");
      return new Promise(() => undefined);
    });`;
    const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
    children.push(child);
    await once(child.stdout, "data");
    expect(readdirSync(parent)).toHaveLength(1);
    return child;
  }

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "leaves none when it ends by %s, as it would have",
    async (signal) => {
      const parent = parentFor(signal);
      const child = await start(parent);
      child.kill(signal);
      expect(await once(child, "exit")).toEqual([null, signal]);
      expect(readdirSync(parent)).toEqual([]);
    },
  );

  it("leaves none when it exits by itself, as plugins do", async () => {
    const parent = parentFor("exit");
    const child = await start(parent, `process.on("SIGINT", () => process.exit(0));`);
    child.kill("SIGINT");
    expect(await once(child, "exit")).toEqual([0, null]);
    expect(readdirSync(parent)).toEqual([]);
  });

  it("keeps it while somebody else decides when a signal ends it", async () => {
    const parent = parentFor("kept");
    const child = await start(parent, `process.on("SIGINT", () => process.stdout.write("still here"));`);
    child.kill("SIGINT");
    await once(child.stdout ?? child, "data");
    expect(readdirSync(parent)).toHaveLength(1);
  });

  it("and was killed leaves it to the next one, which takes no living process's", async () => {
    const parent = parentFor("swept");
    const dead = await start(parent);
    dead.kill("SIGKILL");
    await once(dead, "exit");
    const [left] = readdirSync(parent);
    const living = await withPrivateDirectory(parent, () => Promise.resolve(readdirSync(parent)));
    expect(living).toHaveLength(1);
    expect(living).not.toContain(left);

    await start(parent);
    const [its] = readdirSync(parent);
    await withPrivateDirectory(parent, () => Promise.resolve(expect(readdirSync(parent)).toContain(its)));
  });
});

test("nothing listens for signals once the last private directory is gone", async () => {
  const before = listeners();
  await withPrivateDirectory(directory, async () => {
    await withPrivateDirectory(directory, () => Promise.resolve());
    expect(listeners()).toEqual(before.map((count) => count + 1));
  });
  expect(listeners()).toEqual(before);
});
