import * as libvirt from "@pulumi/libvirt";
import * as pulumi from "@pulumi/pulumi";
import type { MachinePlan, NetworkPlan } from "../plan/topology";

/** The stack's own network: a fixed address and a name for every machine, and no way out unless it was asked for. */

export interface LabNetworkArgs {
  readonly plan: NetworkPlan;
  readonly machines: readonly MachinePlan[];
  readonly stackId: pulumi.Input<string>;
}

/** DHCP's option for routers. */
const ROUTER_OPTION = 3;

export class LabNetwork extends pulumi.ComponentResource {
  declare readonly network: libvirt.Network;

  constructor(name: string, { plan, machines, stackId }: LabNetworkArgs, options?: pulumi.ComponentResourceOptions) {
    super("replikube:index:LabNetwork", name, {}, options);
    this.network = new libvirt.Network(
      name,
      {
        name: plan.name,
        mode: plan.egress,
        bridge: plan.bridge,
        domain: plan.domain,
        addresses: [plan.cidr],
        dhcp: { enabled: true },
        dns: {
          enabled: true,
          localOnly: true,
          hosts: machines.map(({ nodeName, address }) => ({ hostname: nodeName, ip: address })),
        },
        dhcpHosts: machines.map(({ nodeName, mac, address }) => ({ mac, ip: address, name: nodeName })),
        // An isolated network of libvirt's hands out no router, and service addresses need a default route.
        ...(plan.egress === "none" && {
          dnsmasqOptions: {
            options: [{ optionName: "dhcp-option", optionValue: `${ROUTER_OPTION},${plan.gateway}` }],
          },
        }),
        stackId,
      },
      { parent: this },
    );
    this.registerOutputs({ name: this.network.name });
  }
}
