import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LockHeld, withFileLock } from "../../drivers/file-lock";
import { runLocally } from "../../drivers/local-runner";

const folder = mkdtempSync(join(tmpdir(), "file-lock-"));
const lock = join(folder, "below/lock");
afterAll(() => rmSync(folder, { recursive: true }));

const isFree = async (): Promise<boolean> => (await runLocally(["flock", "--nonblock", lock, "true"])).exitCode === 0;

it("is held while the work goes on, and free after it, also when that fails", async () => {
  await expect(
    withFileLock(lock, async () => {
      expect(await isFree()).toBe(false);
      throw new Error("the work's own");
    }),
  ).rejects.toThrow("the work's own");
  expect(await isFree()).toBe(true);
});

it("is waited for, or not, as it is asked for", async () => {
  const order: string[] = [];
  let waiting: Promise<unknown> | undefined;
  await withFileLock(lock, async () => {
    waiting = withFileLock(lock, () => Promise.resolve(order.push("second")));
    await expect(withFileLock(lock, () => Promise.resolve(), { waitSeconds: 0 })).rejects.toBeInstanceOf(LockHeld);
    const patient = withFileLock(lock, () => Promise.resolve(), { waitSeconds: 0.3 });
    await expect(patient).rejects.toThrow(/below\/lock is locked, and was for 0\.3 s\nnext: lslocks names/);
    order.push("first");
  });
  await waiting;
  expect(order).toEqual(["first", "second"]);
  await expect(withFileLock(lock, () => Promise.resolve("free"), { waitSeconds: 0 })).resolves.toBe("free");
});

/** As a terminal does it with Ctrl-C: all of a process group gets it. */
it("outlives an interrupt of its process's group, which that process handles, and not the process", async () => {
  const program = join(__dirname, "../../bin/drivers/file-lock.js");
  const script = `process.on("SIGINT", () => console.log("interrupted"));
    require(${JSON.stringify(program)}).withFileLock(${JSON.stringify(lock)}, () => new Promise(() => {
      console.log("held");
      setInterval(() => undefined, 1000);
    }));`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"], detached: true });
  try {
    await once(child.stdout, "data");
    process.kill(-(child.pid ?? 0), "SIGINT");
    await once(child.stdout, "data");
    await sleep(200); // for a holder in the group to end
    expect(await isFree()).toBe(false);
  } finally {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
  await runLocally(["flock", "--timeout", "5", lock, "true"]);
  expect(await isFree()).toBe(true);
});
