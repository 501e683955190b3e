import * as pulumi from "@pulumi/pulumi";
import type { KubeadmInitInputs, KubeadmInitOutputs, NodeAccess } from "../plan/bootstrap-resources";

/** The cluster's first control plane: `kubeadm init`, the CNI, and what others need to join and to talk to it. */

type AccessArgs = pulumi.Input<{ readonly [Key in keyof NodeAccess]: pulumi.Input<string> }>;
type Args = {
  readonly [Key in Exclude<keyof KubeadmInitInputs, "controlPlane">]: pulumi.Input<KubeadmInitInputs[Key]>;
} & { readonly controlPlane: AccessArgs };

const provider: pulumi.dynamic.ResourceProvider = {
  async create(inputs) {
    return require("./bin/drivers/kubeadm").initialise(inputs);
  },
  async update(_id, _olds, news) {
    return { outs: (await require("./bin/drivers/kubeadm").initialise(news)).outs };
  },
  async read(id, outputs) {
    return require("./bin/drivers/observe").observeInit(id, outputs);
  },
  async diff(_id, olds, news) {
    return require("./bin/plan/diffs").diffKubeadmInit(olds, news);
  },
  async delete() {},
};

export class KubeadmInit extends pulumi.dynamic.Resource {
  declare readonly clusterInstance: pulumi.Output<KubeadmInitOutputs["clusterInstance"]>;
  declare readonly endpoint: pulumi.Output<KubeadmInitOutputs["endpoint"]>;
  declare readonly caCertHash: pulumi.Output<KubeadmInitOutputs["caCertHash"]>;
  /** Secret. */
  declare readonly kubeconfig: pulumi.Output<KubeadmInitOutputs["kubeconfig"]>;
  declare readonly observed: pulumi.Output<KubeadmInitOutputs["observed"]>;

  /** Give `deletedWith` the control plane's domain. */
  constructor(name: string, args: Args, options: pulumi.CustomResourceOptions = {}) {
    const outputs = {
      clusterInstance: undefined,
      endpoint: undefined,
      caCertHash: undefined,
      kubeconfig: undefined,
      observed: undefined,
    };
    super(
      provider,
      name,
      { ...outputs, ...args, privateKey: pulumi.secret(args.privateKey) },
      {
        deleteBeforeReplace: true,
        hideDiffs: ["__provider"],
        additionalSecretOutputs: ["privateKey", "kubeconfig"],
        ...options,
      },
      "replikube",
      "KubeadmInit",
    );
  }
}
