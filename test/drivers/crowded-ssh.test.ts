import type { CommandResult, CommandRunner } from "../../drivers/runner";
import { HostFailure } from "../../drivers/ssh-host";
import { virshFor } from "../../drivers/virsh";

/** An sshd that refuses some of the connections that begin at the same time, in virsh's and OpenSSH's words. */

const CROWDED =
  "error: failed to connect to the hypervisor\nerror: Cannot recv data: kex_exchange_identification: Connection closed by remote host: Connection reset by peer";
const refused: CommandResult = { exitCode: 1, stdout: "", stderr: CROWDED };
const answered: CommandResult = { exitCode: 0, stdout: "qemu:///system\n", stderr: "" };

/** Gives the results one after the other, and the last one for ever. */
function runnerOf(...results: readonly CommandResult[]): CommandRunner & { readonly calls: () => number } {
  let calls = 0;
  const run = () => Promise.resolve(results[Math.min(calls++, results.length - 1)] ?? answered);
  return { machine: "host", run, calls: () => calls };
}

const ask = (runner: CommandRunner, uri = "qemu+ssh://root@hv/system") => virshFor(uri, runner).run(["uri"]);

it("is asked again, since nothing was sent", async () => {
  const runner = runnerOf(refused, refused, answered);
  expect((await ask(runner)).stdout).toBe("qemu:///system\n");
  expect(runner.calls()).toBe(3);
});

it("that refuses every one is an error", async () => {
  const runner = runnerOf(refused);
  await expect(ask(runner)).rejects.toThrow(/host root@hv: ssh: cannot be reached: kex_exchange_identification/);
  expect(runner.calls()).toBe(5);
});

it.each([
  ["a key that is not known", "Host key verification failed."],
  ["a connection that was lost", "error: Cannot recv data: Connection reset by peer"],
  ["a login that was refused", "root@hv: Permission denied (publickey)."],
])("is not what %s is, which is told at once", async (_, stderr) => {
  const runner = runnerOf({ exitCode: 1, stdout: "", stderr });
  await expect(ask(runner)).rejects.toBeInstanceOf(HostFailure);
  expect(runner.calls()).toBe(1);
});
