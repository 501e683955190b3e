import * as libvirt from "@pulumi/libvirt";
import * as pulumi from "@pulumi/pulumi";
import type { NodeAccess, StackAccess } from "../plan/bootstrap-resources";
import type { Acceleration, MachinePlan } from "../plan/topology";
import { Guest } from "../resources/guest";
import type { LabNetwork } from "./lab-network";
import type { HostImage } from "./uploaded-image";

/** A machine: its disk over the node image, its domain, and the guest that has booted in it. */

/** How to get to the stack's machines; each value may still be an output. */
export type StackAccessArgs = { readonly [Key in keyof StackAccess]-?: pulumi.Input<Required<StackAccess>[Key]> };
export type NodeAccessOutputs = { readonly [Key in keyof NodeAccess]: pulumi.Output<string> };

export interface MachineArgs {
  readonly plan: MachinePlan;
  readonly acceleration: Acceleration;
  readonly image: HostImage;
  readonly network: LabNetwork;
  readonly pool: libvirt.Pool;
  readonly stackId: pulumi.Input<string>;
  readonly publicKey: pulumi.Input<string>;
  readonly access: StackAccessArgs;
  /** The first control plane; absent for itself. */
  readonly founder?: Machine;
  /** What has to be there before anything of this machine is made or replaced. */
  readonly after?: pulumi.Resource;
}

interface Virtualisation extends Pick<libvirt.DomainArgs, "type" | "cpu"> {
  /** Parameters of the guest's kernel, beside the image's. */
  readonly kernelParameters: readonly string[];
}

const VIRTUALISATION: Readonly<Record<Acceleration, Virtualisation>> = {
  kvm: { type: "kvm", cpu: { mode: "host-passthrough" }, kernelParameters: [] },
  tcg: {
    type: "qemu",
    // QEMU 7.2's emulation of cmpxchg16b crashes Linux 6.12 (double fault in __kmalloc_noprof, seen on QEMU 7.2).
    cpu: { mode: "maximum", disabledFeatures: ["cx16"] },
    // What time it is, and timers, cost an emulated processor most: docs/decisions/0025-clock-of-emulated-guests.md.
    // An emulated kernel that panics once for no reason of its own starts again, after as long as the kubelet sets (kernel.panic); seen: an int3 that
    // it had patched away already, in sched_clock_tick at boot (QEMU 7.2, Linux 6.12).
    kernelParameters: ["tsc=reliable", "highres=off", "panic=10"],
  },
};

export class Machine extends pulumi.ComponentResource {
  declare readonly plan: MachinePlan;
  declare readonly disk: libvirt.Volume;
  declare readonly domain: libvirt.Domain;
  declare readonly guest: Guest;
  /** Another value is another machine. */
  declare readonly instance: pulumi.Output<string>;
  declare readonly access: NodeAccessOutputs;

  constructor(name: string, args: MachineArgs, options?: pulumi.ComponentResourceOptions) {
    super("replikube:index:Machine", name, {}, options);
    const { plan, acceleration, image, network, pool, stackId, publicKey, access, founder, after } = args;
    this.plan = plan;
    const { kernelParameters, ...virtualisation } = VIRTUALISATION[acceleration];
    this.disk = new libvirt.Volume(
      name,
      {
        name: plan.volumeName,
        pool: pool.name,
        format: "qcow2",
        size: plan.diskBytes,
        baseFile: image.disk,
        // A domain that is replaced gets a fresh disk, and so does all of a cluster whose control plane has one.
        triggers: {
          ...plan.foundation,
          publicKey,
          network: network.network.id,
          ...(founder !== undefined && { founder: founder.disk.instance }),
        },
        stackId,
      },
      { parent: this, ...(after !== undefined && { dependsOn: after }) },
    );
    this.domain = new libvirt.Domain(
      name,
      {
        name: plan.domainName,
        ...virtualisation,
        vcpu: plan.vcpus,
        memory: plan.memoryMiB,
        kernel: image.kernel,
        initrd: image.initrd,
        cmdlines: [{ _: [image.facts.boot.commandLine, ...kernelParameters].join(" ") }],
        disks: [{ volumeId: this.disk.id }],
        // By its id: a network that is made anew leaves the guests of the old one without a link.
        networkInterfaces: [{ networkId: network.network.id, mac: plan.mac }],
        consoles: [{ type: "file", targetPort: "0", targetType: "serial", sourcePath: plan.consoleLog }],
        qemuAgent: true,
        running: true,
        // ClusterReady restarts a machine that is to have another size, drained.
        applyOnNextStart: true,
        credentials: { "system.hostname": plan.nodeName, "ssh.authorized_keys.root": publicKey },
        stackId,
      },
      { parent: this },
    );
    this.instance = this.domain.instance;
    const { nodeName, domainName, address, consoleLog } = plan;
    this.guest = new Guest(
      name,
      { ...access, nodeName, domainName, address, consoleLog, instance: this.instance },
      { parent: this, deletedWith: this.domain },
    );
    this.access = {
      nodeName: pulumi.output(nodeName),
      domainName: pulumi.output(domainName),
      address: pulumi.output(address),
      hostKey: this.guest.hostKey,
      consoleLog: pulumi.output(consoleLog),
      instance: this.instance,
    };
    this.registerOutputs({ instance: this.instance });
  }
}
