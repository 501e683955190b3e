import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { runAttached } from "../../drivers/attached-program";
import { ReplikubeError } from "../../drivers/errors";
import { stackDirectory } from "../../plan/plan-topology";
import type { Places } from "../places";
import { stackOption, type StackOption } from "../running-stack";

/** What a machine printed on its serial console. Works while a stack is half up: it needs the file only. */

interface Options extends StackOption {
  readonly follow?: boolean;
}

function consoleFile(folder: string, wanted: string): string {
  const names = existsSync(folder) ? readdirSync(folder).map((name) => name.replace(/\.log$/, "")) : [];
  const found = names.find((name) => name === wanted) ?? names.find((name) => name.endsWith(`-${wanted}`));
  if (found !== undefined) return join(folder, `${found}.log`);
  const known = names.length === 0 ? "none was ever switched on" : names.join(", ");
  throw new ReplikubeError(`${wanted}: no console of such a machine; there are: ${known}`);
}

export function consoleVerb(program: Command, places: Places): void {
  stackOption(program.command("console"))
    .description("what a machine printed on its serial console")
    .argument("<node>", "its name, or control-plane-0, worker-0, …")
    .option("-f, --follow", "go on as it prints more")
    .action(async (node: string, { stack, follow = false }: Options) => {
      const file = consoleFile(join(stackDirectory(places.root, stack), "console"), node);
      process.exitCode = await runAttached(follow ? ["tail", "-n", "+1", "-f", file] : ["cat", file]);
    });
}
