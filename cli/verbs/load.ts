import { resolve } from "node:path";
import type { Command } from "commander";
import { openImageArchive, readImageArchive, type ImageArchive } from "../../drivers/image-archive";
import { loadImages } from "../../drivers/image-load";
import type { NodeOutput } from "../../plan/experiment-outputs";
import { callerFolder, type Places } from "../places";
import { nodeOf, runningStack, stackOption, withSsh, type StackOption } from "../running-stack";

/** Container images onto the nodes: there is no registry that they could pull from. */

interface Options extends StackOption {
  readonly node?: readonly string[];
}

/** Of an emulated node: AES alone takes 1 s for 40 MB, unpacking several times that. */
const SLOWEST_BYTES_PER_SECOND = 1_000_000;
const LEAST_SECONDS = 300;

const say = (line: string): void => void process.stderr.write(`lab: ${line}\n`);
const percent = (part: number, whole: number): number => Math.floor((part / Math.max(whole, 1)) * 100);

/** One line for every tenth that went over. */
function progress(node: NodeOutput, archive: ImageArchive): (taken: number) => void {
  let told = 0;
  return (taken) => {
    const now = percent(taken, archive.bytes);
    if (now < told + 10 || now === 100) return;
    told = now;
    say(`${node.name}: ${archive.path} ${now} %`);
  };
}

export function loadVerb(program: Command, places: Places): void {
  stackOption(program.command("load"))
    .description("bring container images (docker save, OCI archives) onto the nodes")
    .argument("<archive...>", "files with container images")
    .option("-n, --node <name...>", "only onto these nodes")
    .action(async (paths: readonly string[], { stack, node }: Options) => {
      const archives = await Promise.all(paths.map((path) => openImageArchive(resolve(callerFolder(), path))));
      const outputs = await runningStack(places, stack);
      const nodes = node === undefined ? outputs.nodes : node.map((name) => nodeOf(outputs, name));
      await withSsh(places, { ...outputs, stack }, async (ssh) => {
        for (const archive of archives) {
          const deadlineSeconds = Math.max(LEAST_SECONDS, archive.bytes / SLOWEST_BYTES_PER_SECOND);
          await Promise.all(
            nodes.map((each) =>
              loadImages(
                { machine: each.name, on: (command) => ssh(each, command, "none") },
                archive.images,
                readImageArchive(archive, progress(each, archive)),
                { deadlineSeconds },
              ),
            ),
          );
          say(`${archive.images.join(", ")}: on ${nodes.map(({ name }) => name).join(", ")}`);
        }
      });
    });
}
