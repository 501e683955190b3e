import * as pulumi from "@pulumi/pulumi";
import type { GuestInputs, GuestOutputs } from "../plan/bootstrap-resources";

/** A machine that has been switched on, known by its address and host key: everything over SSH starts from here. */

type Args = { readonly [Key in keyof GuestInputs]: pulumi.Input<GuestInputs[Key]> };

const provider: pulumi.dynamic.ResourceProvider = {
  async create(inputs) {
    return require("./bin/drivers/guest").awaitGuest(inputs);
  },
  async update(_id, olds, news) {
    return { outs: (await require("./bin/drivers/guest").awaitGuest(news, olds)).outs };
  },
  async read(id, outputs) {
    return require("./bin/drivers/observe").observeGuest(id, outputs);
  },
  async diff(_id, olds, news) {
    const diff = require("./bin/plan/diffs").diffGuest(olds, news);
    return require("./bin/drivers/drift-notice").told(olds.nodeName, olds, diff);
  },
  async delete() {},
};

export class Guest extends pulumi.dynamic.Resource {
  declare readonly hostKey: pulumi.Output<GuestOutputs["hostKey"]>;
  declare readonly address: pulumi.Output<GuestOutputs["address"]>;
  declare readonly kernelSeconds: pulumi.Output<GuestOutputs["kernelSeconds"]>;
  declare readonly userspaceSeconds: pulumi.Output<GuestOutputs["userspaceSeconds"]>;
  declare readonly observed: pulumi.Output<GuestOutputs["observed"]>;

  /** Give `deletedWith` the machine's domain. */
  constructor(name: string, args: Args, options: pulumi.CustomResourceOptions = {}) {
    const outputs = { hostKey: undefined, kernelSeconds: undefined, userspaceSeconds: undefined, observed: undefined };
    super(
      provider,
      name,
      { ...outputs, ...args, privateKey: pulumi.secret(args.privateKey) },
      { deleteBeforeReplace: true, hideDiffs: ["__provider"], additionalSecretOutputs: ["privateKey"], ...options },
      "replikube",
      "Guest",
    );
  }
}
