import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { WorkloadSettings } from "../plan/experiment-config";
import { WorkloadEnvironment } from "../resources/workload-environment";

/** What runs on the ready cluster: the user's manifests and the user's command, once for every cluster. */

export interface WorkloadArgs {
  readonly settings: WorkloadSettings;
  readonly kubernetesVersion: string;
  readonly libvirtUri: string;
  /** Secret. */
  readonly kubeconfig: pulumi.Input<string>;
  /** Another cluster runs it again. */
  readonly clusterInstance: pulumi.Input<string>;
}

export class Workload extends pulumi.ComponentResource {
  declare readonly output: pulumi.Output<string>;

  constructor(name: string, args: WorkloadArgs, options?: pulumi.ComponentResourceOptions) {
    super("replikube:index:Workload", name, {}, options);
    const { settings, clusterInstance, ...reached } = args;
    const settingsText = JSON.stringify(settings);
    const parent = { parent: this };
    const given = new WorkloadEnvironment(name, { settings: settingsText, clusterInstance, ...reached }, parent);
    const { kubernetesVersion, libvirtUri, kubeconfig } = given;
    const workload = pulumi
      .all([kubernetesVersion, libvirtUri])
      .apply((known) => JSON.stringify({ ...settings, kubernetesVersion: known[0], libvirtUri: known[1] }));
    const { stdout } = new command.local.Command(
      name,
      {
        // The engine, plugins and this command run outside of the guests' namespace; the program finds its way in.
        create: "exec node bin/cli/workload.js",
        environment: { REPLIKUBE_WORKLOAD: workload, REPLIKUBE_KUBECONFIG: pulumi.secret(kubeconfig) },
        triggers: [clusterInstance, settingsText],
        addPreviousOutputInEnv: false,
      },
      parent,
    );
    this.output = stdout;
    this.registerOutputs({ output: this.output });
  }
}
