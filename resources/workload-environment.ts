import * as pulumi from "@pulumi/pulumi";
import type { WorkloadEnvironmentInputs } from "../plan/bootstrap-resources";

/**
 * What a workload's command gets, kept until it is to run again. A preview does not know the kubeconfig of a cluster that is changed in place, nor
 * does another way to the same libvirt make another experiment: given to the command directly, both would run it again, or say so.
 */

type Args = {
  readonly [Key in keyof WorkloadEnvironmentInputs]: pulumi.Input<WorkloadEnvironmentInputs[Key]>;
};

const provider: pulumi.dynamic.ResourceProvider = {
  async create(inputs) {
    return { id: "workload", outs: inputs };
  },
  async update(_id, olds) {
    return { outs: olds };
  },
  async read(id, outputs) {
    return { id, props: outputs };
  },
  async diff(_id, olds, news) {
    return require("./bin/plan/diffs").diffWorkloadEnvironment(olds, news);
  },
  async delete() {},
};

export class WorkloadEnvironment extends pulumi.dynamic.Resource {
  declare readonly settings: pulumi.Output<string>;
  declare readonly kubernetesVersion: pulumi.Output<string>;
  declare readonly libvirtUri: pulumi.Output<string>;
  /** Secret. */
  declare readonly kubeconfig: pulumi.Output<string>;

  constructor(name: string, args: Args, options: pulumi.CustomResourceOptions = {}) {
    super(
      provider,
      name,
      { ...args, kubeconfig: pulumi.secret(args.kubeconfig) },
      { hideDiffs: ["__provider"], additionalSecretOutputs: ["kubeconfig"], ...options },
      "replikube",
      "WorkloadEnvironment",
    );
  }
}
