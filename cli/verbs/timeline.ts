import type { Command } from "commander";
import { timelineFile } from "../../drivers/timeline";
import type { Places } from "../places";
import { stackOption, type StackOption } from "../running-stack";
import { readTimeline, timelineText } from "../timeline-report";

interface Options extends StackOption {
  readonly json?: boolean;
  readonly run?: string;
}

const DEFAULT_COLUMNS = 100;

/** Who waited for what. */
export function timelineVerb(program: Command, places: Places): void {
  stackOption(program.command("timeline"))
    .description("who waited for what: image, boot, agent, SSH, init, CNI, join, ready")
    .option("--json", "for a script")
    .option("--run <id>", "another run than the newest")
    .action(({ stack, json = false, run }: Options) => {
      const request = { file: timelineFile(places.root, stack), stack, ...(run !== undefined && { run }) };
      const text = json
        ? `${JSON.stringify(readTimeline(request), undefined, 2)}\n`
        : timelineText(request, process.stdout.columns ?? DEFAULT_COLUMNS);
      process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
    });
}
