import { randomBytes } from "node:crypto";
import { localRunner } from "../../drivers/local-runner";
import { lastLines } from "../../drivers/errors";
import { byLine } from "../../drivers/lines";
import { UNKNOWN, type Properties, type Resource, type ResourceContext } from "../kit/resource";

/** `command:local:Command`: a program of this machine, which shows what it prints while it runs. */

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

/** Undefined is the default: both. */
const isLogged = (logging: unknown, from: "stdout" | "stderr"): boolean =>
  logging === undefined || logging === "stdoutAndStderr" || logging === from;

interface Execution extends Pick<ResourceContext, "report"> {
  readonly inputs: Properties;
  readonly state: Properties;
  readonly signal: AbortSignal;
}

async function execute(script: string, { inputs, state, report, signal }: Execution): Promise<Printed> {
  const [program = "/bin/sh", ...args] =
    inputs["interpreter"] === undefined ? ["/bin/sh", "-c"] : texts(inputs["interpreter"]);
  let both = "";
  // One after the other: calls that overlap are shown in any order.
  let shown = Promise.resolve();
  const show = byLine((line) => (shown = shown.then(() => report(line))));
  const { exitCode, stdout, stderr } = await localRunner.run([program, ...args, script], {
    environment: { ...environmentOf(inputs["environment"]), ...previousOutput(inputs, state) },
    stdin: text(inputs["stdin"]),
    signal,
    onOutput: (chunk, from = "stdout") => {
      both += chunk;
      if (isLogged(inputs["logging"], from)) show(chunk);
    },
    ...(inputs["dir"] === undefined ? {} : { cwd: text(inputs["dir"]) }),
  });
  await shown;
  if (signal.aborted) throw new Error("cancelled");
  // The script itself may hold a secret, so the error does not repeat it.
  if (exitCode !== 0) throw new Error(`the command exited with code ${exitCode}\n${lastLines(both)}`);
  return { stdout: stdout.replace(/\n$/, ""), stderr: stderr.replace(/\n$/, "") };
}

const unknownOutput = { stdout: UNKNOWN, stderr: UNKNOWN } as const;
const nothing: Printed = { stdout: "", stderr: "" };

export const command: Resource = {
  replaceOn: ["triggers"],
  secretWithInputs: ["stdout", "stderr"],
  async create({ name, inputs, preview, signal, report }) {
    if (preview) return { id: "", outputs: { ...inputs, ...unknownOutput } };
    const script = inputs["create"];
    const printed = script === undefined ? nothing : await execute(text(script), { inputs, state: {}, signal, report });
    return { id: `${name}${randomBytes(4).toString("hex")}`, outputs: { ...inputs, ...printed } };
  },
  async update({ inputs, state, preview, signal, report }) {
    if (preview) return { outputs: { ...inputs, ...unknownOutput } };
    const script = inputs["update"] ?? inputs["create"];
    const printed =
      script === undefined
        ? { stdout: text(state["stdout"]), stderr: text(state["stderr"]) }
        : await execute(text(script), { inputs, state, signal, report });
    return { outputs: { ...inputs, ...printed } };
  },
  async delete({ state, signal, report }) {
    if (state["delete"] !== undefined) await execute(text(state["delete"]), { inputs: state, state, signal, report });
  },
};
