import * as pulumi from "@pulumi/pulumi";

/** The last release of the package that this one stands in for; ours is compatible with it. */
const version = "0.5.4";

export const withVersion = <T extends pulumi.ResourceOptions>(options: T | undefined): T =>
  pulumi.mergeOptions({ version }, options) as T;
