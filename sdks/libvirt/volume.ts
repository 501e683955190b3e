import * as pulumi from "@pulumi/pulumi";
import type { Filled, Optional, OutputsOf, Registered } from "./outputs";
import { withDefaults } from "./resource-options";

type In<T> = pulumi.Input<T>;

export interface VolumeArgs {
  readonly name?: In<string>;
  /** Name of the pool. @default default */
  readonly pool?: In<string>;
  /** Local file that is uploaded. */
  readonly source?: In<string>;
  /** Bytes. It grows in place; a smaller one replaces. */
  readonly size?: In<number>;
  readonly format?: In<"qcow2" | "raw">;
  /** Volume that this one is an overlay of. */
  readonly baseVolumeId?: In<string>;
  readonly baseVolumeName?: In<string>;
  readonly baseVolumePool?: In<string>;
  /** Beyond 0.5.4: qcow2 file on the libvirt host that this volume is an overlay of, where it lies and never written to. */
  readonly baseFile?: In<string>;
  /** Beyond 0.5.4: texts by name; any change replaces, as `triggers` of `@pulumi/command` do. */
  readonly triggers?: In<Readonly<Record<string, In<string>>>>;
  /**
   * Beyond 0.5.4: nobody writes into it, so that `source` goes over the line once for a host: volumes of the same content, in whatever
   * stack, are copied on the host.
   */
  readonly shared?: In<boolean>;
  /** Beyond 0.5.4: whose the object is; hexadecimal. Without it nothing existing is ever adopted. */
  readonly stackId?: In<string>;
}

const REGISTERED: Registered<VolumeArgs> = {
  name: undefined,
  pool: undefined,
  source: undefined,
  size: undefined,
  format: undefined,
  baseVolumeId: undefined,
  baseVolumeName: undefined,
  baseVolumePool: undefined,
  baseFile: undefined,
  triggers: undefined,
  shared: undefined,
  stackId: undefined,
};

/** Its id is its path on the libvirt host. */
export class Volume extends pulumi.CustomResource implements OutputsOf<VolumeArgs> {
  declare readonly name: Filled<VolumeArgs, "name">;
  declare readonly pool: Filled<VolumeArgs, "pool">;
  declare readonly source: Optional<VolumeArgs, "source">;
  declare readonly size: Filled<VolumeArgs, "size">;
  declare readonly format: Filled<VolumeArgs, "format">;
  declare readonly baseVolumeId: Optional<VolumeArgs, "baseVolumeId">;
  declare readonly baseVolumeName: Optional<VolumeArgs, "baseVolumeName">;
  declare readonly baseVolumePool: Optional<VolumeArgs, "baseVolumePool">;
  declare readonly baseFile: Optional<VolumeArgs, "baseFile">;
  declare readonly triggers: Optional<VolumeArgs, "triggers">;
  declare readonly shared: Optional<VolumeArgs, "shared">;
  declare readonly stackId: Optional<VolumeArgs, "stackId">;
  /** Beyond 0.5.4: random, made anew whenever the volume is created. */
  declare readonly instance: pulumi.Output<string>;

  constructor(name: string, args: VolumeArgs = {}, options?: pulumi.CustomResourceOptions) {
    super("libvirt:index/volume:Volume", name, { ...REGISTERED, instance: undefined, ...args }, withDefaults(options));
  }
}
