import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { z } from "zod";
import { runAttached } from "../drivers/attached-program";
import { checkoutRoot } from "../drivers/checkout-root";
import { withClusterAccess } from "../drivers/cluster-access";
import { ReplikubeError } from "../drivers/errors";
import { localRunner } from "../drivers/local-runner";
import { withPrivateDirectory, writePrivateFile } from "../drivers/private-file";
import { reachOf } from "../drivers/reach";
import type { Argv } from "../plan/step";
import { findKubectl } from "./host-kubectl";

/** What the Workload component's command runs. Settings and kubeconfig come by the environment, which only root and its owner can read. */

const workloadSchema = z.object({
  manifests: z.array(z.string()),
  command: z.string(),
  kubernetesVersion: z.string(),
  libvirtUri: z.string(),
});

async function main(): Promise<void> {
  const { manifests, command, kubernetesVersion, libvirtUri } = workloadSchema.parse(
    JSON.parse(process.env["REPLIKUBE_WORKLOAD"] ?? "null"),
  );
  const kubectl = await findKubectl({
    checkout: checkoutRoot(),
    serverVersion: kubernetesVersion,
    runner: localRunner,
    report: (line) => process.stderr.write(`${line}\n`),
  });
  const reach = reachOf(libvirtUri);
  await withPrivateDirectory(tmpdir(), (folder) =>
    withClusterAccess(reach, process.env["REPLIKUBE_KUBECONFIG"] ?? "", async (access) => {
      const kubeconfig = join(folder, "kubeconfig");
      writePrivateFile(kubeconfig, access.kubeconfig);
      const PATH = [dirname(kubectl), process.env["PATH"] ?? ""].filter((part) => part !== ".").join(delimiter);
      const environment = { ...process.env, KUBECONFIG: kubeconfig, PATH, REPLIKUBE_KUBECONFIG: "" };
      const run = async (line: Argv, what: string): Promise<void> => {
        const exitCode = await runAttached(access.command(line), { environment });
        if (exitCode !== 0)
          throw new ReplikubeError(
            `workload: ${what} exited with code ${exitCode}\nnext: see its output above; ./lab collect packs what its machines say`,
          );
      };
      for (const manifest of manifests) await run([kubectl, "apply", "-f", manifest], `kubectl apply -f ${manifest}`);
      if (command !== "") await run(["/bin/sh", "-c", command], "the command");
    }),
  );
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
