import * as pulumi from "@pulumi/pulumi";
import type { NixBuildInputs, NixBuildOutputs } from "../plan/image-resources";

/** The node image in the Nix store. Its path is known by evaluation, so it is an input: previews show a changed image. */

type Args = { readonly [Key in keyof NixBuildInputs]: pulumi.Input<NixBuildInputs[Key]> };

const provider: pulumi.dynamic.ResourceProvider = {
  async create(inputs) {
    return require("./bin/drivers/nix-build").build(inputs);
  },
  async update(_id, _olds, news) {
    return { outs: (await require("./bin/drivers/nix-build").build(news)).outs };
  },
  async read(id, outputs) {
    return require("./bin/drivers/nix-build").observe(id, outputs);
  },
  async diff(_id, olds, news) {
    const diff = require("./bin/plan/diffs").diffNixBuild(olds, news);
    return require("./bin/drivers/drift-notice").told("node image", olds, diff);
  },
  async delete(_id, outputs) {
    require("./bin/drivers/nix-build").forget(outputs);
  },
};

export class NixBuild extends pulumi.dynamic.Resource {
  declare readonly outPath: pulumi.Output<NixBuildOutputs["outPath"]>;
  declare readonly observed: pulumi.Output<NixBuildOutputs["observed"]>;

  constructor(name: string, args: Args, options: pulumi.CustomResourceOptions = {}) {
    super(
      provider,
      name,
      { observed: undefined, ...args },
      { hideDiffs: ["__provider"], ...options },
      "replikube",
      "NixBuild",
    );
  }
}
