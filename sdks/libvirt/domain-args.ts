import type * as pulumi from "@pulumi/pulumi";

type In<T> = pulumi.Input<T>;

export interface DomainDisk {
  readonly volumeId?: In<string>;
  readonly file?: In<string>;
  readonly blockDevice?: In<string>;
}

export interface DomainNetworkInterface {
  readonly networkId?: In<string>;
  readonly networkName?: In<string>;
  readonly bridge?: In<string>;
  readonly mac?: In<string>;
  /** Waits until the guest has an address by DHCP, `customTimeouts` or 5 minutes long; `addresses` of the output are then known. */
  readonly waitForLease?: In<boolean>;
}

/** As an output. */
export interface DomainNetworkInterfaceState {
  readonly networkId?: string;
  readonly networkName?: string;
  readonly bridge?: string;
  readonly mac: string;
  readonly waitForLease?: boolean;
  /** Of an interface with `waitForLease`. */
  readonly addresses?: readonly string[];
}

export interface DomainBootDevice {
  /** Tried in this order. */
  readonly devs?: In<readonly In<"hd" | "network" | "cdrom" | "fd">[]>;
}

export interface DomainConsole {
  readonly type: In<"pty" | "file">;
  readonly targetPort: In<string>;
  readonly targetType?: In<"serial" | "virtio">;
  /** Beyond 0.5.4 for `file`: the host's file that the console is written to. */
  readonly sourcePath?: In<string>;
}

export interface DomainCpu {
  /** libvirt's: `host-passthrough`, `host-model`, `maximum`. */
  readonly mode?: In<string>;
  /** Beyond 0.5.4: CPU features that the guest does not get. */
  readonly disabledFeatures?: In<readonly In<string>[]>;
}

export interface DomainArgs {
  readonly name?: In<string>;
  readonly description?: In<string>;
  /** `kvm`, or `qemu` for emulation. @default kvm */
  readonly type?: In<"kvm" | "qemu">;
  readonly vcpu?: In<number>;
  /** MiB. */
  readonly memory?: In<number>;
  readonly cpu?: In<DomainCpu>;
  readonly machine?: In<string>;
  readonly arch?: In<string>;
  readonly emulator?: In<string>;
  readonly firmware?: In<string>;
  readonly nvram?: In<{ readonly file?: In<string>; readonly template?: In<string> }>;
  /** Files on the libvirt host, for direct kernel boot. */
  readonly kernel?: In<string>;
  readonly initrd?: In<string>;
  /** Kernel command line: `{ key: value }`, and `{ _: "words as they are" }`. */
  readonly cmdlines?: In<readonly In<Readonly<Record<string, In<string>>>>[]>;
  /** Without `kernel`. @default hd alone */
  readonly bootDevices?: In<readonly In<DomainBootDevice>[]>;
  readonly disks?: In<readonly In<DomainDisk>[]>;
  readonly networkInterfaces?: In<readonly In<DomainNetworkInterface>[]>;
  readonly consoles?: In<readonly In<DomainConsole>[]>;
  /** Id of a `CloudInitDisk`, or of a volume with such an image. */
  readonly cloudinit?: In<string>;
  /** Gives the guest the channel of the QEMU guest agent. */
  readonly qemuAgent?: In<boolean>;
  readonly running?: In<boolean>;
  readonly autostart?: In<boolean>;
  /** Beyond 0.5.4: what needs a restart is only defined, and holds from the next start on. Default: the guest is restarted. */
  readonly applyOnNextStart?: In<boolean>;
  /**
   * Beyond 0.5.4: systemd credentials by SMBIOS type 11, by name. They are visible in the host's process list, so never
   * secret; at most 4 KiB each and 32 KiB in all.
   */
  readonly credentials?: In<Readonly<Record<string, In<string>>>>;
  /** Beyond 0.5.4: whose the object is; hexadecimal. Without it nothing existing is ever adopted. */
  readonly stackId?: In<string>;
}
