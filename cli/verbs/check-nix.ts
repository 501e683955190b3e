import type { Command } from "commander";
import { checkNixFiles } from "../nix-checks";
import type { Places } from "../places";
import { summaryLine } from "../test-count";

/** The part of `./lab test` that looks at Nix files, alone, and its fixer. */

const say = (line: string): void => void process.stdout.write(`${line}\n`);

export function checkNixVerb(program: Command, places: Places): void {
  program
    .command("check-nix")
    .description("hold the repository's Nix files against nixfmt, deadnix and statix")
    .option("--fix", "change what they know how to change")
    .action(async ({ fix = false }: { readonly fix?: boolean }) => {
      const count = await checkNixFiles(places, { fix, report: say });
      for (const each of count.skipped) say(`skipped: ${each}`);
      say(summaryLine(count));
      process.exitCode = count.failed > 0 ? 1 : 0;
    });
}
