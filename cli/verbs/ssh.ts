import type { Command } from "commander";
import { runAttached } from "../../drivers/attached-program";
import type { Places } from "../places";
import { nodeOf, runningStack, stackOption, withSsh, type StackOption } from "../running-stack";

/** A shell, or one command, on a node whose host key is pinned. */
export function sshVerb(program: Command, places: Places): void {
  stackOption(program.command("ssh"))
    .description("a shell on a node, or one command: ./lab ssh worker-0 -- uptime")
    .argument("<node>", "its name, its domain's name, or control-plane-0, worker-0, …")
    .argument("[command...]", "after --")
    .passThroughOptions()
    .action(async (name: string, command: readonly string[], { stack }: StackOption) => {
      const outputs = await runningStack(places, stack);
      const node = nodeOf(outputs, name);
      const words = command[0] === "--" ? command.slice(1) : command;
      process.exitCode = await withSsh(places, { ...outputs, stack }, (ssh) =>
        runAttached(ssh(node, words, words.length === 0 ? "auto" : "none")),
      );
    });
}
