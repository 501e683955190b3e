import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tellingPanic } from "../../drivers/kernel-panic";

const folder = mkdtempSync(join(tmpdir(), "panic-"));
afterAll(() => rmSync(folder, { recursive: true }));

const consoleLog = join(folder, "worker.log");
const inputs = {
  stack: "dev",
  libvirtUri: "test:///default",
  privateKey: "",
  deadlinesFactor: 1,
  nodeName: "worker",
  domainName: "test",
  address: "10.77.0.20",
  consoleLog,
  instance: "i",
};
const waiting = () => tellingPanic(inputs, () => Promise.reject(new Error("worker: no agent yet")));

it("says the last panic of a machine that never answered", async () => {
  const panics = ["Attempted to kill init!", "Fatal exception in interrupt"].map(
    (reason) => `[    1.6] Kernel panic - not syncing: ${reason}\r\n`,
  );
  writeFileSync(
    consoleLog,
    `booting\r\n${panics.join("Rebooting in 10 seconds..\r\n")}[    4.2] Kernel Offset: 0xf800000\r\n`,
  );
  await expect(waiting()).rejects.toThrow(
    /^worker: no agent yet\nits console says: Kernel panic - not syncing: Fatal exception in interrupt$/,
  );
});

it("leaves the failure of any other as it is, also when there is no console", async () => {
  writeFileSync(consoleLog, "Started containerd.service\r\n");
  await expect(waiting()).rejects.toThrow(/^worker: no agent yet$/);
  rmSync(consoleLog);
  await expect(waiting()).rejects.toThrow(/^worker: no agent yet$/);
  await expect(tellingPanic(inputs, () => Promise.resolve(7))).resolves.toBe(7);
});
