import * as pulumi from "@pulumi/pulumi";
import type { KubeadmJoinInputs, KubeadmJoinOutputs, NodeAccess } from "../plan/bootstrap-resources";

/** A machine that joined the cluster. Deleting it drains the node and takes it out, if it is still the one that joined. */

type AccessArgs = pulumi.Input<{ readonly [Key in keyof NodeAccess]: pulumi.Input<string> }>;
type Args = {
  readonly [Key in Exclude<keyof KubeadmJoinInputs, "machine" | "controlPlane">]: pulumi.Input<KubeadmJoinInputs[Key]>;
} & { readonly machine: AccessArgs; readonly controlPlane: AccessArgs };

const provider: pulumi.dynamic.ResourceProvider = {
  async create(inputs) {
    return require("./bin/drivers/kubeadm").join(inputs);
  },
  async update(_id, olds, news) {
    return { outs: (await require("./bin/drivers/kubeadm").join(news, olds)).outs };
  },
  async read(id, outputs) {
    return require("./bin/drivers/observe").observeJoin(id, outputs);
  },
  async diff(_id, olds, news) {
    const diff = require("./bin/plan/diffs").diffKubeadmJoin(olds, news);
    return require("./bin/drivers/drift-notice").told(olds.machine.nodeName, olds, diff);
  },
  async delete(_id, outputs) {
    return require("./bin/drivers/node-removal").removeNode(outputs);
  },
};

export class KubeadmJoin extends pulumi.dynamic.Resource {
  declare readonly nodeUid: pulumi.Output<KubeadmJoinOutputs["nodeUid"]>;
  declare readonly observed: pulumi.Output<KubeadmJoinOutputs["observed"]>;

  /** Give `deletedWith` the control plane's domain: then a worker that goes alone is drained, and a stack that goes needs no SSH. */
  constructor(name: string, args: Args, options: pulumi.CustomResourceOptions = {}) {
    super(
      provider,
      name,
      {
        nodeUid: undefined,
        observed: undefined,
        ...args,
        privateKey: pulumi.secret(args.privateKey),
        token: pulumi.secret(args.token),
      },
      {
        deleteBeforeReplace: true,
        hideDiffs: ["__provider"],
        additionalSecretOutputs: ["privateKey", "token"],
        ...options,
      },
      "replikube",
      "KubeadmJoin",
    );
  }
}
