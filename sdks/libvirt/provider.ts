import * as pulumi from "@pulumi/pulumi";
import { withVersion } from "./resource-options";

export interface ProviderArgs {
  /** libvirt connection URI, as virsh takes it. @default LIBVIRT_DEFAULT_URI, else qemu:///system */
  readonly uri?: pulumi.Input<string>;
}

export class Provider extends pulumi.ProviderResource {
  constructor(name: string, args: ProviderArgs = {}, options?: pulumi.ResourceOptions) {
    super("libvirt", name, { ...args }, withVersion(options));
  }
}
