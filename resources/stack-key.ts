import * as pulumi from "@pulumi/pulumi";
import type { StackKeyInputs, StackKeyOutputs } from "../plan/image-resources";

/** The stack's SSH key pair, made once: root on every machine, and nowhere else. */

type Args = { readonly [Key in keyof StackKeyInputs]: pulumi.Input<StackKeyInputs[Key]> };

const provider: pulumi.dynamic.ResourceProvider = {
  async create(inputs) {
    return require("./bin/drivers/ssh-key").makeKey(inputs);
  },
  async update(_id, olds, news) {
    return { outs: { ...olds, ...news } };
  },
  async read(id, outputs) {
    return { id, props: outputs };
  },
  async diff() {
    return { changes: false };
  },
  async delete() {},
};

export class StackKey extends pulumi.dynamic.Resource {
  declare readonly publicKey: pulumi.Output<StackKeyOutputs["publicKey"]>;
  /** Secret. */
  declare readonly privateKey: pulumi.Output<StackKeyOutputs["privateKey"]>;

  constructor(name: string, args: Args, options: pulumi.CustomResourceOptions = {}) {
    super(
      provider,
      name,
      { publicKey: undefined, privateKey: undefined, ...args },
      { hideDiffs: ["__provider"], additionalSecretOutputs: ["privateKey"], ...options },
      "replikube",
      "StackKey",
    );
  }
}
