import * as pulumi from "@pulumi/pulumi";
import type { KubeadmInitInputs, KubeadmInitOutputs, NodeAccess } from "../plan/bootstrap-resources";
import { clusterInstanceOf } from "../plan/foundation";

/** The cluster's first control plane: `kubeadm init`, the CNI, and what others need to join and to talk to it. */

type AccessArgs = pulumi.Input<{ readonly [Key in keyof NodeAccess]: pulumi.Input<string> }>;
type Args = {
  readonly [Key in Exclude<keyof KubeadmInitInputs, "controlPlane" | "clusterInstance">]: pulumi.Input<
    KubeadmInitInputs[Key]
  >;
} & { readonly controlPlane: AccessArgs };

const provider: pulumi.dynamic.ResourceProvider = {
  async create(inputs) {
    return require("./bin/drivers/kubeadm").initialise(inputs);
  },
  async update(_id, olds, news) {
    return { outs: (await require("./bin/drivers/kubeadm").initialise(news, olds)).outs };
  },
  async read(id, outputs) {
    return require("./bin/drivers/observe").observeInit(id, outputs);
  },
  async diff(_id, olds, news) {
    const diff = require("./bin/plan/diffs").diffKubeadmInit(olds, news);
    return require("./bin/drivers/drift-notice").told(olds.controlPlane.nodeName, olds, diff);
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
      endpoint: undefined,
      caCertHash: undefined,
      kubeconfig: undefined,
      configuration: undefined,
      observed: undefined,
    };
    const { instance, cluster, node } = args;
    const clusterInstance = pulumi
      .all([instance, cluster, node])
      .apply((known) => clusterInstanceOf({ instance: known[0], cluster: known[1], node: known[2] }));
    super(
      provider,
      name,
      { ...outputs, ...args, clusterInstance, privateKey: pulumi.secret(args.privateKey) },
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
