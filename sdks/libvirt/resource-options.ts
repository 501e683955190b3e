import * as pulumi from "@pulumi/pulumi";

/** The last release of the package that this one stands in for; ours is compatible with it. */
const version = "0.5.4";

export const withVersion = (options: pulumi.CustomResourceOptions | undefined): pulumi.CustomResourceOptions =>
  pulumi.mergeOptions({ version }, options);
