import { join, resolve } from "node:path";
import type { Command } from "commander";
import { ReplikubeError } from "../../drivers/errors";
import { evidenceFolder } from "../../drivers/evidence";
import { lastLog } from "../../drivers/last-log";
import { machineSources, readSource } from "../../drivers/machine-sources";
import { packRedacted, textAt, textsBelow, type ArchivedText } from "../../drivers/redacted-archive";
import { timelineFile } from "../../drivers/timeline";
import { embeddedHostLayout } from "../../plan/embedded-host";
import { redactor } from "../../plan/redact";
import { consolesOf } from "../consoles";
import { callerFolder, embeddedHostFolder, type Places } from "../places";
import { stackOption, type StackOption } from "../running-stack";
import { withSeenMachines } from "../seen-machines";

/** Evidence, what the machines say now, consoles and timeline of a stack as one archive to hand on. Secrets are taken out of every file. */

interface Options extends StackOption {
  readonly output?: string;
}

const because = (name: string, error: unknown): ArchivedText => ({
  name,
  text: `${error instanceof Error ? error.message : String(error)}\n`,
});

/** Of a host that does not answer there is only why. */
async function consoleTexts(places: Places, stack: string): Promise<readonly ArchivedText[]> {
  try {
    const consoles = await consolesOf(places, stack);
    return await Promise.all(
      consoles.map(async ({ name, read }) => ({ name: `console/${name}.log`, text: await read() })),
    );
  } catch (error) {
    return [because("console/cannot-be-had.txt", error)];
  }
}

interface NowTexts {
  readonly texts: readonly ArchivedText[];
  readonly secrets: readonly string[];
}

/** What the machines say at this moment, whether or not anything has failed. */
async function nowTexts(places: Places, stack: string): Promise<NowTexts> {
  try {
    const seen = await withSeenMachines(places, stack, async (stackSeen) => {
      const names = stackSeen.machines.map(({ node }) => node.nodeName);
      process.stderr.write(`lab: stack ${stack}: asking ${names.join(", ")} what they say now\n`);
      return {
        texts: await Promise.all(machineSources(stackSeen).map(readSource)),
        secrets: [stackSeen.privateKey.reveal()],
      };
    });
    if (seen === undefined) throw new ReplikubeError(`stack ${stack}: there is no machine in its state yet`);
    const { texts, secrets } = seen;
    return { secrets, texts: texts.map(({ name, text }) => ({ name: join("now", name), text })) };
  } catch (error) {
    return { texts: [because("now/cannot-be-had.txt", error)], secrets: [] };
  }
}

export function collectVerb(program: Command, places: Places): void {
  stackOption(program.command("collect"))
    .description("pack evidence, what the machines say now, consoles and timeline of a stack, without its secrets")
    .option("-o, --output <file>", "the archive")
    .action(async ({ stack, output }: Options) => {
      const { texts: now, secrets } = await nowTexts(places, stack);
      const archive = resolve(
        callerFolder(),
        output ?? `replikube-${stack}-${new Date().toISOString().slice(0, 19).replaceAll(":", "")}.tar.gz`,
      );
      const { libvirtdLog } = embeddedHostLayout(embeddedHostFolder(places));
      const texts = [
        ...textsBelow(evidenceFolder(places.root, stack), "evidence"),
        ...now,
        ...(await consoleTexts(places, stack)),
        ...textAt(timelineFile(places.root, stack), "timeline.jsonl"),
        ...textAt(libvirtdLog, "libvirtd.log"),
        ...textAt(lastLog(libvirtdLog), "libvirtd.log.1"),
      ];
      await packRedacted(archive, texts, redactor(secrets));
      process.stdout.write(`${archive}: ${texts.length} files\n`);
    });
}
