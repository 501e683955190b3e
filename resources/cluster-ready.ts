import * as pulumi from "@pulumi/pulumi";
import type { ClusterReadyInputs, ClusterReadyOutputs, NodeAccess } from "../plan/bootstrap-resources";
import type { MachineSize } from "../plan/topology";

/** The claim that the cluster works, proven: every machine runs with its size, all nodes are Ready, names resolve in pods, pods reach each other. */

type AccessArgs = { readonly [Key in keyof NodeAccess]: pulumi.Input<string> };
type NodeArgs = AccessArgs & { readonly size: pulumi.Input<MachineSize> };
type Args = {
  readonly [Key in Exclude<keyof ClusterReadyInputs, "controlPlane" | "nodes">]: pulumi.Input<ClusterReadyInputs[Key]>;
} & { readonly controlPlane: AccessArgs; readonly nodes: pulumi.Input<readonly pulumi.Input<NodeArgs>[]> };

const provider: pulumi.dynamic.ResourceProvider = {
  async create(inputs) {
    return require("./bin/drivers/cluster-ready").prove(inputs);
  },
  async update(_id, olds, news) {
    return { outs: (await require("./bin/drivers/cluster-ready").prove(news, olds)).outs };
  },
  async read(id, outputs) {
    return require("./bin/drivers/observe").observeReady(id, outputs);
  },
  async diff(_id, olds, news) {
    const diff = require("./bin/plan/diffs").diffClusterReady(olds, news);
    return require("./bin/drivers/drift-notice").told("cluster", olds, diff);
  },
  async delete() {},
};

export class ClusterReady extends pulumi.dynamic.Resource {
  declare readonly proofs: pulumi.Output<ClusterReadyOutputs["proofs"]>;
  declare readonly readyAt: pulumi.Output<ClusterReadyOutputs["readyAt"]>;
  declare readonly observed: pulumi.Output<ClusterReadyOutputs["observed"]>;

  /** Give `deletedWith` the control plane's domain. */
  constructor(name: string, args: Args, options: pulumi.CustomResourceOptions = {}) {
    super(
      provider,
      name,
      {
        proofs: undefined,
        readyAt: undefined,
        observed: undefined,
        ...args,
        privateKey: pulumi.secret(args.privateKey),
      },
      { hideDiffs: ["__provider"], additionalSecretOutputs: ["privateKey"], ...options },
      "replikube",
      "ClusterReady",
    );
  }
}
