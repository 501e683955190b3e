import { MissingProgram, StepTimeout } from "../../drivers/errors";
import { runLocally } from "../../drivers/local-runner";

it("answers what a program prints, and its exit code", async () => {
  const result = await runLocally(["sh", "-c", "cat; echo no >&2; exit 3"], { stdin: "yes" });
  expect(result).toEqual({ exitCode: 3, stdout: "yes", stderr: "no\n" });
});

it("names a program that is not there, and what to do", async () => {
  const run = runLocally(["no-such-program", "--flag"]);
  await expect(run).rejects.toThrow(MissingProgram);
  await expect(run).rejects.toThrow(/no program no-such-program on PATH\nnext: .*\.\/lab setup/);
});

it("takes a folder that is gone for no missing program", async () => {
  await expect(runLocally(["true"], { cwd: "/nowhere" })).rejects.not.toBeInstanceOf(MissingProgram);
});

it("ends a program at its deadline, which is an error", async () => {
  await expect(runLocally(["sleep", "60"], { deadlineSeconds: 0.1 })).rejects.toThrow(StepTimeout);
});
