import { join } from "node:path";
import type { Command } from "commander";
import { embeddedHostStatus } from "../../drivers/embedded-host";
import { ReplikubeError } from "../../drivers/errors";
import { withFileLock } from "../../drivers/file-lock";
import { garbageText } from "../../plan/garbage-report";
import { collectGarbage } from "../collect-garbage";
import { embeddedHostFolder, type Places } from "../places";
import { runSetup } from "../setup/run-setup";
import { garbageParts, stackParts } from "../setup/stack-parts";
import { usualLibvirt, type UsualLibvirt } from "../usual-libvirt";

/** Takes away what crashed stacks have left, and stacks that have outlived their time. */

interface Options {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const say = (line: string): void => void process.stderr.write(`lab: ${line}\n`);

/** Setup would start it, which is a change. */
async function requireHost(places: Places, { isNamed, isThere }: UsualLibvirt): Promise<void> {
  if (isNamed || !isThere || (await embeddedHostStatus(embeddedHostFolder(places))).kind === "running") return;
  throw new ReplikubeError("host: the embedded host does not run, so nothing can be looked at\nnext: ./lab host start");
}

export function gcVerb(program: Command, places: Places): void {
  program
    .command("gc")
    .description("remove what crashed stacks left, and stacks whose time to live is over; in doubt nothing")
    .option("--dry-run", "only say what would be removed")
    .option("--json", "for a script")
    .action(async ({ dryRun = false, json = false }: Options) => {
      const libvirt = await usualLibvirt(places);
      const taken = garbageParts(libvirt);
      if (dryRun) await requireHost(places, libvirt);
      else await runSetup(places, say, taken);
      const prepare = async (stack: string): Promise<void> => {
        const missing = stackParts(places, { stack }).filter((part) => !taken.includes(part));
        if (missing.length > 0) await runSetup(places, say, missing);
      };
      const work = () => collectGarbage(places, { dryRun, report: say, prepare });
      const report = dryRun ? await work() : await withFileLock(join(places.state, "gc.lock"), work);
      process.stdout.write(json ? `${JSON.stringify(report, undefined, 2)}\n` : garbageText(report));
      process.exitCode = report.failed.length > 0 ? 1 : 0;
    });
}
