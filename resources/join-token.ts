import * as pulumi from "@pulumi/pulumi";
import type { JoinTokenInputs, JoinTokenOutputs } from "../plan/bootstrap-resources";

/** The value of a bootstrap token. It means nothing to the cluster until KubeadmJoin activates it, for the minutes of the join. */

type Args = { readonly [Key in keyof JoinTokenInputs]: pulumi.Input<JoinTokenInputs[Key]> };

const provider: pulumi.dynamic.ResourceProvider = {
  async create(inputs) {
    return require("./bin/drivers/kubeadm").makeToken(inputs);
  },
  async update(_id, olds, news) {
    return { outs: { ...olds, ...news } };
  },
  async read(id, outputs) {
    return { id, props: outputs };
  },
  async diff(_id, olds, news) {
    return require("./bin/plan/diffs").diffJoinToken(olds, news);
  },
  async delete() {},
};

export class JoinToken extends pulumi.dynamic.Resource {
  /** Secret. */
  declare readonly token: pulumi.Output<JoinTokenOutputs["token"]>;

  /** Give `deletedWith` the control plane's domain. */
  constructor(name: string, args: Args, options: pulumi.CustomResourceOptions = {}) {
    super(
      provider,
      name,
      { token: undefined, ...args },
      { hideDiffs: ["__provider"], additionalSecretOutputs: ["token"], ...options },
      "replikube",
      "JoinToken",
    );
  }
}
