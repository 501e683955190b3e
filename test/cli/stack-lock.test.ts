import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir, uptime } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { clearDeadLock, holderOf } from "../../cli/stack-lock";
import { besideLivingPulumi } from "../fixtures/living-pulumi";

describe("a lock on a stack", () => {
  const backend = mkdtempSync(join(tmpdir(), "stack-lock-"));
  const folder = join(backend, ".pulumi/locks/organization/replikube/dev");
  const file = join(folder, "one.json");
  const lockedBy = (pid: number, host: string): void =>
    writeFileSync(file, JSON.stringify({ pid, hostname: host, username: "me", timestamp: "2026-01-01T00:00:00Z" }));
  const clear = (): boolean => clearDeadLock(backend, "replikube", "dev");
  beforeAll(() => mkdirSync(folder, { recursive: true }));
  afterAll(() => rmSync(backend, { recursive: true }));

  it("of a dead process on this host is taken away", () => {
    const { pid } = spawnSync("true");
    lockedBy(pid, hostname());
    expect(holderOf(backend, "replikube", "dev")).toBeUndefined();
    expect(clear()).toBe(true);
    expect(existsSync(file)).toBe(false);
    expect(clear()).toBe(false);
  });

  it("of a living Pulumi stays, and names the holder", async () => {
    await besideLivingPulumi((pid) => {
      lockedBy(pid, hostname());
      expect(holderOf(backend, "replikube", "dev")).toContain(`process ${pid} of me`);
      expect(clear).toThrow(`locked by process ${pid} of me on ${hostname()}`);
      expect(existsSync(file)).toBe(true);
    });
  });

  it("of a Pulumi that has ended, and whose parent never asks how, is taken away", async () => {
    const program = join(backend, "pulumi");
    copyFileSync("/bin/sleep", program);
    // `exec` keeps the shell's children, and `sleep` asks after none.
    const parent = spawn("sh", ["-c", '"$0" 0 & echo $!; exec sleep 60', program]);
    const [line] = await once(parent.stdout, "data");
    const pid = Number(String(line));
    while (!readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ")) await sleep(20);
    lockedBy(pid, hostname());
    expect(holderOf(backend, "replikube", "dev")).toBeUndefined();
    expect(clear()).toBe(true);
    parent.kill();
  });

  it("of a process whose number another program has got since is taken away", () => {
    lockedBy(process.pid, hostname());
    expect(holderOf(backend, "replikube", "dev")).toBeUndefined();
    expect(clear()).toBe(true);
    expect(existsSync(file)).toBe(false);
  });

  it("of another host stays, whatever runs here", () => {
    lockedBy(spawnSync("true").pid, "elsewhere.invalid");
    expect(clear).toThrow("on elsewhere.invalid since 2026-01-01T00:00:00Z");
    expect(existsSync(file)).toBe(true);
    rmSync(file);
  });

  it.each(["", "{", '{"pid":"one"}'])("that cannot be read (%j) stays, and is told with its file", (text) => {
    writeFileSync(file, text);
    expect(holderOf(backend, "replikube", "dev")).toContain(`whose lock ${file} of 20`);
    expect(clear).toThrow(/cannot be read\nnext: .*\.\/lab pulumi cancel --stack dev$/);
    expect(existsSync(file)).toBe(true);
  });

  it("that cannot be read and is older than this boot was cut off by a loss of power, and is taken away", () => {
    writeFileSync(file, "");
    const boot = Date.now() / 1000 - uptime();
    utimesSync(file, boot - 60, boot - 60);
    expect(clear()).toBe(true);
    expect(existsSync(file)).toBe(false);
  });

  it("that goes while it is looked at is none", () => {
    symlinkSync("nothing", file); // listed, and not there
    expect(holderOf(backend, "replikube", "dev")).toBeUndefined();
    expect(clear()).toBe(false);
  });
});
