import { join } from "node:path";
import type { Command } from "commander";
import { runAttached } from "../../drivers/attached-program";
import { withClusterAccess } from "../../drivers/cluster-access";
import { localRunner } from "../../drivers/local-runner";
import { withPrivateDirectory, writePrivateFile } from "../../drivers/private-file";
import { reachOf } from "../../drivers/reach";
import { findKubectl } from "../host-kubectl";
import { callerFolder, type Places } from "../places";
import { privateFolder, runningStack, stackOption, type StackOption } from "../running-stack";

/** kubectl on a stack's cluster: the one on PATH when it may talk to it, else the node image's own. */
export function kubectlVerb(program: Command, places: Places): void {
  stackOption(program.command("kubectl"))
    .description("run kubectl on the stack's cluster: ./lab kubectl -- get nodes")
    .argument("[arguments...]", "passed to kubectl, after --")
    .passThroughOptions()
    .action(async (args: readonly string[], { stack }: StackOption) => {
      const { kubeconfig, kubernetesVersion, libvirtUri } = await runningStack(places, stack);
      const kubectl = await findKubectl({
        checkout: places.root,
        serverVersion: kubernetesVersion,
        runner: localRunner,
        report: (line) => void process.stderr.write(`lab: ${line}\n`),
      });
      process.exitCode = await withPrivateDirectory(privateFolder(places, stack), async (folder) => {
        const file = join(folder, "kubeconfig");
        return withClusterAccess(reachOf(libvirtUri), kubeconfig.reveal(), (access) => {
          writePrivateFile(file, access.kubeconfig);
          return runAttached(access.command([kubectl, "--kubeconfig", file, ...args]), { cwd: callerFolder() });
        });
      });
    });
}
