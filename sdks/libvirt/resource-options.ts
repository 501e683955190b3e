import * as pulumi from "@pulumi/pulumi";

/** The last release of the package that this one stands in for; ours is compatible with it. */
const version = "0.5.4";

export const withVersion = (options: pulumi.ResourceOptions | undefined): pulumi.ResourceOptions =>
  pulumi.mergeOptions({ version }, options);

/** Names and files are taken while the old object is there. The provider says so too, but nobody asks it with `--replace`. */
export const withDefaults = (options: pulumi.CustomResourceOptions | undefined): pulumi.CustomResourceOptions =>
  pulumi.mergeOptions({ version, deleteBeforeReplace: true }, options);
