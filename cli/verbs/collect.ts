import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { packRedacted, textsBelow, type ArchivedText } from "../../drivers/redacted-archive";
import { timelineFile } from "../../drivers/timeline";
import { redactor } from "../../plan/redact";
import { consolesOf } from "../consoles";
import { callerFolder, type Places } from "../places";
import { runningStack, stackOption, type StackOption } from "../running-stack";

/** Evidence, consoles and timeline of a stack as one archive to hand on. Secrets are taken out of every file. */

interface Options extends StackOption {
  readonly output?: string;
}

const oneFile = (path: string, name: string): readonly ArchivedText[] =>
  existsSync(path) ? [{ name, text: readFileSync(path, "utf8") }] : [];

/** Of a host that does not answer there is only why. */
async function consoleTexts(places: Places, stack: string): Promise<readonly ArchivedText[]> {
  try {
    const consoles = await consolesOf(places, stack);
    return await Promise.all(
      consoles.map(async ({ name, read }) => ({ name: `console/${name}.log`, text: await read() })),
    );
  } catch (error) {
    return [{ name: "console/cannot-be-had.txt", text: `${error instanceof Error ? error.message : String(error)}\n` }];
  }
}

export function collectVerb(program: Command, places: Places): void {
  stackOption(program.command("collect"))
    .description("pack evidence, consoles and timeline of a stack, without its secrets")
    .option("-o, --output <file>", "the archive")
    .action(async ({ stack, output }: Options) => {
      // A stack that is not up has no outputs, and often is what evidence is wanted of.
      const secrets = await runningStack(places, stack)
        .then(({ sshPrivateKey }) => [sshPrivateKey.reveal()])
        .catch((): readonly string[] => []);
      const archive = resolve(
        callerFolder(),
        output ?? `replikube-${stack}-${new Date().toISOString().slice(0, 19).replaceAll(":", "")}.tar.gz`,
      );
      const texts = [
        ...textsBelow(join(places.state, "evidence", stack), "evidence"),
        ...(await consoleTexts(places, stack)),
        ...oneFile(timelineFile(places.root, stack), "timeline.jsonl"),
        ...oneFile(join(places.state, "host/log/libvirtd.log"), "libvirtd.log"),
      ];
      await packRedacted(archive, texts, redactor(secrets));
      process.stdout.write(`${archive}: ${texts.length} files\n`);
    });
}
