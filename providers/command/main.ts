import { randomBytes } from "node:crypto";
import { localRunner } from "../../drivers/local-runner";
import { lastLines } from "../../drivers/errors";
import { UNKNOWN, type Properties, type Resource } from "../kit/resource";
import { serve } from "../kit/serve";

/** Stand-in for the command provider where the official plugin cannot be had: `command:local:Command`. */

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(text) : []);
const environmentOf = (value: unknown): Record<string, string> =>
  typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, text(each)]))
    : {};

interface Printed {
  readonly stdout: string;
  readonly stderr: string;
}

const previousOutput = (inputs: Properties, state: Properties): Record<string, string> =>
  inputs["addPreviousOutputInEnv"] === false || state["stdout"] === undefined
    ? {}
    : { PULUMI_COMMAND_STDOUT: text(state["stdout"]), PULUMI_COMMAND_STDERR: text(state["stderr"]) };

async function execute(script: string, inputs: Properties, state: Properties, signal: AbortSignal): Promise<Printed> {
  const [program = "/bin/sh", ...args] =
    inputs["interpreter"] === undefined ? ["/bin/sh", "-c"] : texts(inputs["interpreter"]);
  const { exitCode, stdout, stderr } = await localRunner.run([program, ...args, script], {
    environment: { ...environmentOf(inputs["environment"]), ...previousOutput(inputs, state) },
    stdin: text(inputs["stdin"]),
    signal,
    ...(inputs["dir"] === undefined ? {} : { cwd: text(inputs["dir"]) }),
  });
  if (signal.aborted) throw new Error("cancelled");
  // The script itself may hold a secret, so the error does not repeat it.
  if (exitCode !== 0) throw new Error(`the command exited with code ${exitCode}\n${lastLines(stderr || stdout)}`);
  return { stdout: stdout.replace(/\n$/, ""), stderr: stderr.replace(/\n$/, "") };
}

const unknownOutput = { stdout: UNKNOWN, stderr: UNKNOWN } as const;
const nothing: Printed = { stdout: "", stderr: "" };

const command: Resource = {
  replaceOn: ["triggers"],
  secretWithInputs: ["stdout", "stderr"],
  async create({ name, inputs, preview, signal }) {
    if (preview) return { id: "", outputs: { ...inputs, ...unknownOutput } };
    const script = inputs["create"];
    const printed = script === undefined ? nothing : await execute(text(script), inputs, {}, signal);
    return { id: `${name}${randomBytes(4).toString("hex")}`, outputs: { ...inputs, ...printed } };
  },
  async update({ inputs, state, preview, signal }) {
    if (preview) return { outputs: { ...inputs, ...unknownOutput } };
    const script = inputs["update"] ?? inputs["create"];
    const printed =
      script === undefined
        ? { stdout: text(state["stdout"]), stderr: text(state["stderr"]) }
        : await execute(text(script), inputs, state, signal);
    return { outputs: { ...inputs, ...printed } };
  },
  async delete({ state, signal }) {
    if (state["delete"] !== undefined) await execute(text(state["delete"]), state, state, signal);
  },
};

void serve({ name: "command", version: "1.2.1", resources: { "command:local:Command": command } });
