import { command } from "../../providers/command/command";
import type { Properties } from "../../providers/kit/resource";

/** The stand-in's `create` on this machine's own shell. */

const SCRIPT = "echo begun; sleep 0.2; echo warning >&2; sleep 0.2; echo done";

async function created(
  inputs: Properties,
): Promise<{ readonly outputs: Properties; readonly shown: readonly string[] }> {
  const shown: string[] = [];
  const { outputs } = await command.create({
    urn: "urn:pulumi:dev::p::command:local:Command::one",
    name: "one",
    type: "command:local:Command",
    timeoutSeconds: 0,
    signal: new AbortController().signal,
    preview: false,
    inputs,
    // An engine that is slow to begin with.
    report: async (line) => {
      await new Promise((resolve) => setTimeout(resolve, line === "begun" ? 600 : 0));
      shown.push(line);
    },
  });
  return { outputs, shown };
}

it("shows each line as it comes, and keeps the two outputs apart", async () => {
  const { outputs, shown } = await created({ create: SCRIPT });
  expect(outputs).toMatchObject({ stdout: "begun\ndone", stderr: "warning" });
  expect(shown).toEqual(["begun", "warning", "done"]);
});

it.each([
  ["none", []],
  ["stdout", ["begun", "done"]],
  ["stderr", ["warning"]],
])("shows what logging says: %s", async (logging, lines) => {
  expect((await created({ create: SCRIPT, logging })).shown).toEqual(lines);
});

it("a failure tells what both outputs said last, in their order, and not the script", async () => {
  const failing = created({ create: `${SCRIPT}; exit 7` });
  await expect(failing).rejects.toThrow(/^the command exited with code 7\nbegun\nwarning\ndone$/);
});
