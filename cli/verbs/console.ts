import type { Command } from "commander";
import { runAttached } from "../../drivers/attached-program";
import { ReplikubeError } from "../../drivers/errors";
import { consolesOf, type MachineConsole } from "../consoles";
import type { Places } from "../places";
import { stackOption, type StackOption } from "../running-stack";

/** What a machine printed on its serial console. Works while a stack is half up: it needs the console only. */

interface Options extends StackOption {
  readonly follow?: boolean;
}

function find(consoles: readonly MachineConsole[], wanted: string): MachineConsole {
  const found =
    consoles.find(({ name }) => name === wanted) ?? consoles.find(({ name }) => name.endsWith(`-${wanted}`));
  if (found !== undefined) return found;
  const known = consoles.length === 0 ? "none was ever switched on" : consoles.map(({ name }) => name).join(", ");
  throw new ReplikubeError(`${wanted}: no console of such a machine; there are: ${known}`);
}

async function show({ name, file, read }: MachineConsole, follow: boolean): Promise<number> {
  if (file !== undefined) return runAttached(follow ? ["tail", "-n", "+1", "-f", file] : ["cat", file]);
  if (follow) {
    throw new ReplikubeError(
      `${name}: a console on another host cannot be followed\nnext: ./lab console ${name} shows what there is by now`,
    );
  }
  process.stdout.write(await read());
  return 0;
}

export function consoleVerb(program: Command, places: Places): void {
  stackOption(program.command("console"))
    .description("what a machine printed on its serial console")
    .argument("<node>", "its name, or control-plane-0, worker-0, …")
    .option("-f, --follow", "go on as it prints more (on this machine only)")
    .action(async (node: string, { stack, follow = false }: Options) => {
      process.exitCode = await show(find(await consolesOf(places, stack), node), follow);
    });
}
