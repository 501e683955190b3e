import * as pulumi from "@pulumi/pulumi";
import type { Filled, Optional, OutputsOf, Registered } from "./outputs";
import { withDefaults } from "./resource-options";

type In<T> = pulumi.Input<T>;

export interface CloudInitDiskArgs {
  readonly name?: In<string>;
  /** Name of the pool. @default default */
  readonly pool?: In<string>;
  /** Texts as cloud-init's data source NoCloud reads them. */
  readonly userData?: In<string>;
  readonly metaData?: In<string>;
  readonly networkConfig?: In<string>;
  /** Beyond 0.5.4: whose the object is; hexadecimal. Without it nothing existing is ever adopted. */
  readonly stackId?: In<string>;
}

const REGISTERED: Registered<CloudInitDiskArgs> = {
  name: undefined,
  pool: undefined,
  userData: undefined,
  metaData: undefined,
  networkConfig: undefined,
  stackId: undefined,
};

/** Its id is its path on the libvirt host, which `cloudinit` of a `Domain` takes. */
export class CloudInitDisk extends pulumi.CustomResource implements OutputsOf<CloudInitDiskArgs> {
  declare readonly name: Filled<CloudInitDiskArgs, "name">;
  declare readonly pool: Filled<CloudInitDiskArgs, "pool">;
  declare readonly userData: Optional<CloudInitDiskArgs, "userData">;
  declare readonly metaData: Optional<CloudInitDiskArgs, "metaData">;
  declare readonly networkConfig: Optional<CloudInitDiskArgs, "networkConfig">;
  declare readonly stackId: Optional<CloudInitDiskArgs, "stackId">;
  /** Beyond 0.5.4: random, made anew whenever the disk is created. */
  declare readonly instance: pulumi.Output<string>;

  constructor(name: string, args: CloudInitDiskArgs = {}, options?: pulumi.CustomResourceOptions) {
    super(
      "libvirt:index/cloudInitDisk:CloudInitDisk",
      name,
      { ...REGISTERED, instance: undefined, ...args },
      withDefaults(options),
    );
  }
}
