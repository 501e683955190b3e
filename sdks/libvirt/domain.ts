import * as pulumi from "@pulumi/pulumi";
import type { DomainArgs, DomainNetworkInterfaceState } from "./domain-args";
import type { Filled, Optional, OutputsOf, Registered } from "./outputs";
import { withDefaults } from "./resource-options";

const REGISTERED: Registered<DomainArgs> = {
  name: undefined,
  description: undefined,
  type: undefined,
  vcpu: undefined,
  memory: undefined,
  cpu: undefined,
  machine: undefined,
  arch: undefined,
  emulator: undefined,
  firmware: undefined,
  nvram: undefined,
  kernel: undefined,
  initrd: undefined,
  cmdlines: undefined,
  bootDevices: undefined,
  disks: undefined,
  networkInterfaces: undefined,
  consoles: undefined,
  cloudinit: undefined,
  qemuAgent: undefined,
  running: undefined,
  autostart: undefined,
  applyOnNextStart: undefined,
  credentials: undefined,
  stackId: undefined,
};

/** Its id is libvirt's UUID of the domain. */
export class Domain extends pulumi.CustomResource implements OutputsOf<DomainArgs> {
  declare readonly name: Filled<DomainArgs, "name">;
  declare readonly description: Optional<DomainArgs, "description">;
  declare readonly type: Filled<DomainArgs, "type">;
  declare readonly vcpu: Filled<DomainArgs, "vcpu">;
  declare readonly memory: Filled<DomainArgs, "memory">;
  declare readonly cpu: Optional<DomainArgs, "cpu">;
  declare readonly machine: Filled<DomainArgs, "machine">;
  declare readonly arch: Filled<DomainArgs, "arch">;
  declare readonly emulator: Optional<DomainArgs, "emulator">;
  declare readonly firmware: Optional<DomainArgs, "firmware">;
  declare readonly nvram: Optional<DomainArgs, "nvram">;
  declare readonly kernel: Optional<DomainArgs, "kernel">;
  declare readonly initrd: Optional<DomainArgs, "initrd">;
  declare readonly cmdlines: Optional<DomainArgs, "cmdlines">;
  declare readonly bootDevices: Filled<DomainArgs, "bootDevices">;
  declare readonly disks: Filled<DomainArgs, "disks">;
  declare readonly networkInterfaces: pulumi.Output<readonly DomainNetworkInterfaceState[]>;
  declare readonly consoles: Filled<DomainArgs, "consoles">;
  declare readonly cloudinit: Optional<DomainArgs, "cloudinit">;
  declare readonly qemuAgent: Filled<DomainArgs, "qemuAgent">;
  declare readonly running: Filled<DomainArgs, "running">;
  declare readonly autostart: Filled<DomainArgs, "autostart">;
  declare readonly applyOnNextStart: Filled<DomainArgs, "applyOnNextStart">;
  declare readonly credentials: Optional<DomainArgs, "credentials">;
  declare readonly stackId: Optional<DomainArgs, "stackId">;
  /** Beyond 0.5.4: random, made anew whenever the domain is created; a restart keeps it. */
  declare readonly instance: pulumi.Output<string>;

  constructor(name: string, args: DomainArgs = {}, options?: pulumi.CustomResourceOptions) {
    super("libvirt:index/domain:Domain", name, { ...REGISTERED, instance: undefined, ...args }, withDefaults(options));
  }
}
