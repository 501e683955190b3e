import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CommandRunner } from "../../drivers/runner";
import { stackVirsh, virshFor, type Virsh } from "../../drivers/virsh";

/** How long one call may take; over a runner that remembers what it was told. */

async function secondsOf(virshWith: (runner: CommandRunner) => Virsh, deadlineSeconds?: number) {
  let told: number | undefined;
  const runner: CommandRunner = {
    machine: "host",
    run: (_, options = {}) => {
      told = options.deadlineSeconds;
      return Promise.resolve({ exitCode: 0, stdout: "", stderr: "" });
    },
  };
  await virshWith(runner).run(["list"], deadlineSeconds === undefined ? {} : { deadlineSeconds });
  return told;
}

test("a call goes by the stack's deadline, a minute without one, and by its own before both", async () => {
  const stack = { libvirtUri: "test:///default", deadlinesFactor: 5 };
  expect(await secondsOf((runner) => stackVirsh(stack, runner))).toBe(300);
  expect(await secondsOf((runner) => stackVirsh({ ...stack, deadlines: { virsh: 20 } }, runner))).toBe(20);
  expect(await secondsOf((runner) => virshFor("test:///default", runner))).toBe(60);
  expect(await secondsOf((runner) => stackVirsh(stack, runner), 4)).toBe(4);
});

test("without a stack nobody is told to give it longer", async () => {
  const folder = mkdtempSync(join(tmpdir(), "virsh-"));
  writeFileSync(join(folder, "virsh"), "#!/bin/sh\nexec sleep 20\n", { mode: 0o755 });
  const path = process.env["PATH"] ?? "";
  process.env["PATH"] = `${folder}:${path}`;
  const late = virshFor("test:///default").run(["list"], { deadlineSeconds: 0.1 });
  await expect(late).rejects.toThrow(
    /\nnext: does libvirt answer\? virsh -c 'test:\/\/\/default' version; then try again$/,
  );
  process.env["PATH"] = path;
  rmSync(folder, { recursive: true });
});
