import * as pulumi from "@pulumi/pulumi";
import type { Filled, Optional, OutputsOf, Registered } from "./outputs";
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

const REGISTERED: Registered<PoolArgs> = {
  name: undefined,
  type: undefined,
  path: undefined,
  target: undefined,
  stackId: undefined,
};

export class Pool extends pulumi.CustomResource implements OutputsOf<PoolArgs> {
  declare readonly name: Filled<PoolArgs, "name">;
  declare readonly type: Filled<PoolArgs, "type">;
  /** Also when the program gave `target.path`. */
  declare readonly path: pulumi.Output<string>;
  declare readonly target: Optional<PoolArgs, "target">;
  declare readonly stackId: Optional<PoolArgs, "stackId">;

  constructor(name: string, args: PoolArgs, options?: pulumi.CustomResourceOptions) {
    super("libvirt:index/pool:Pool", name, { ...REGISTERED, ...args }, withDefaults(options));
  }
}
