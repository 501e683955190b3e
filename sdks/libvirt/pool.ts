import * as pulumi from "@pulumi/pulumi";
import { withDefaults } from "./resource-options";

type In<T> = pulumi.Input<T>;

export interface PoolArgs {
  readonly name?: In<string>;
  /** Only directories. */
  readonly type: In<"dir">;
  /** Absolute path on the libvirt host; made when it is missing. */
  readonly path?: In<string>;
  readonly target?: In<{ readonly path?: In<string> }>;
  /** Beyond 0.5.4: whose the object is; hexadecimal. Without it nothing existing is ever adopted. */
  readonly stackId?: In<string>;
}

export class Pool extends pulumi.CustomResource {
  declare readonly name: pulumi.Output<string>;
  declare readonly path: pulumi.Output<string>;

  constructor(name: string, args: PoolArgs, options?: pulumi.CustomResourceOptions) {
    super("libvirt:index/pool:Pool", name, { name: undefined, path: undefined, ...args }, withDefaults(options));
  }
}
