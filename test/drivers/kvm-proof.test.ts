import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StepTimeout } from "../../drivers/errors";
import { proveKvm } from "../../drivers/kvm-proof";
import type { CommandResult, CommandRunner } from "../../drivers/runner";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "kvm-proof-"));
  for (const name of ["kvm", "vmlinuz"]) writeFileSync(join(folder, name), "");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const prove = (run: () => Promise<CommandResult>, kernel = "vmlinuz", device = "kvm") => {
  const runner: CommandRunner = { machine: "host", run };
  return proveKvm(join(folder, kernel), { runner, device: join(folder, device) });
};
const said =
  (stdout: string, stderr = "", exitCode = 0) =>
  () =>
    Promise.resolve({ stdout, stderr, exitCode });

it("believes a kernel that came as far as it can without a disk", async () => {
  const panic = "[ 0.9] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)";
  await expect(prove(said(panic))).resolves.toEqual({ kind: "works" });
});

it("does not believe a QEMU that leaves or a guest that hangs", async () => {
  const message = "failed to set MSR 0x10a to 0x69";
  await expect(prove(said("", message, 134))).resolves.toEqual({ kind: "fails", seen: message });
  const context = { machine: "host", step: "qemu", next: "" };
  const hang = () => Promise.reject(new StepTimeout(context, "the end", 60, ""));
  await expect(prove(hang)).resolves.toMatchObject({ kind: "fails", seen: expect.stringContaining("60 s") });
  await expect(prove(said(""), "vmlinuz", "no device")).resolves.toMatchObject({ kind: "fails" });
});

it("knows nothing without a kernel or QEMU", async () => {
  await expect(prove(said(""), "no kernel")).resolves.toMatchObject({ kind: "unknown" });
  await expect(prove(() => Promise.reject(new Error("ENOENT")))).resolves.toMatchObject({ kind: "unknown" });
});
