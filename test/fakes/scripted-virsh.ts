import type { CommandResult, CommandRunner } from "../../drivers/runner";
import { virshFor, type Virsh } from "../../drivers/virsh";

/** A libvirt of answers, for what virsh 9.0.0 was seen to say in moments that cannot be arranged. */
export interface ScriptedVirsh extends Virsh {
  /** Every call, without the options of virsh itself. */
  readonly calls: readonly string[];
}

export const said = (stdout: string): CommandResult => ({ exitCode: 0, stdout, stderr: "" });

export const failed = (...lines: readonly string[]): CommandResult => ({
  exitCode: 1,
  stdout: "",
  stderr: lines.map((line) => `error: ${line}\n`).join(""),
});

/** By verb, one after the other; the last answer is given again and again. */
export function scriptedVirsh(
  answers: Readonly<Record<string, readonly CommandResult[]>>,
  uri = "qemu:///system",
): ScriptedVirsh {
  const left = new Map(Object.entries(answers).map(([verb, results]) => [verb, [...results]]));
  const calls: string[] = [];
  const runner: CommandRunner = {
    machine: "host",
    run: ([_program, _quiet, _connect, _uri, verb = "", ...args]) => {
      calls.push([verb, ...args].join(" "));
      const results = left.get(verb) ?? [];
      const result = results.length > 1 ? results.shift() : results[0];
      return result === undefined ? Promise.reject(new Error(`virsh ${verb}: not expected`)) : Promise.resolve(result);
    },
  };
  return { ...virshFor(uri, runner), calls };
}
