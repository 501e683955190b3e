import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import type { Command } from "commander";
import { changeKubeconfig } from "../../drivers/kubeconfig-file";
import { reachOf } from "../../drivers/reach";
import { mergeKubeconfig, removeFromKubeconfig, renameKubeconfig } from "../../plan/kubeconfig";
import { stackObjectName } from "../../plan/names";
import { callerFolder, type Places } from "../places";
import { projectName } from "../pulumi-program";
import { runningStack, stackOption, type StackOption } from "../running-stack";

/** The stack's kubeconfig: printed, merged into the user's own, or taken out of it again. */

interface Options extends StackOption {
  readonly merge?: boolean;
  readonly remove?: boolean;
}

const usersFile = (): string =>
  resolve(
    callerFolder(),
    (process.env["KUBECONFIG"] ?? "").split(delimiter).find((path) => path !== "") ?? join(homedir(), ".kube/config"),
  );

const say = (line: string): void => void process.stderr.write(`lab: ${line}\n`);

export function kubeconfigVerb(program: Command, places: Places): void {
  stackOption(program.command("kubeconfig"))
    .description("print the stack's kubeconfig (it holds a private key)")
    .option("--merge", "put it into your own kubeconfig, under the stack's name")
    .option("--remove", "take it out of your own kubeconfig")
    .action(async ({ stack, merge = false, remove = false }: Options) => {
      const name = stackObjectName({ project: projectName(places.root), stack });
      if (remove) {
        const { path, changed } = changeKubeconfig(usersFile(), (text) => removeFromKubeconfig(text, name));
        return say(changed ? `${path}: context ${name} is out` : `${path}: there was no context ${name}`);
      }
      const { kubeconfig, libvirtUri } = await runningStack(places, stack);
      const own = renameKubeconfig(kubeconfig.reveal(), name);
      if (!merge) return void process.stdout.write(own);
      const { path, backup } = changeKubeconfig(usersFile(), (text) => mergeKubeconfig(text, own, name));
      say(`${path}: context ${name} is in${backup === undefined ? "" : `; what was there before: ${backup}`}`);
      const reach = reachOf(libvirtUri);
      if (reach.kind === "namespace") {
        say(
          `the cluster is reached in a network namespace only: nsenter --net=${reach.path} kubectl --context ${name}`,
        );
      }
      if (reach.kind === "ssh") {
        say(`the cluster is reached through ${reach.host.name} only: ./lab kubectl goes that way`);
      }
    });
}
