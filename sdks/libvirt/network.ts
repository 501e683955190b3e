import * as pulumi from "@pulumi/pulumi";
import type { Filled, Optional, OutputsOf, Registered } from "./outputs";
import { withDefaults } from "./resource-options";

type In<T> = pulumi.Input<T>;

export interface NetworkDnsHost {
  readonly hostname: In<string>;
  readonly ip: In<string>;
}

/** Beyond 0.5.4: a fixed DHCP entry. */
export interface NetworkDhcpHost {
  readonly mac: In<string>;
  readonly ip: In<string>;
  readonly name?: In<string>;
}

export interface NetworkArgs {
  readonly name?: In<string>;
  /** `none` isolates, `nat` and `route` lead out. @default nat */
  readonly mode?: In<"none" | "nat" | "route">;
  readonly bridge?: In<string>;
  readonly mtu?: In<number>;
  readonly domain?: In<string>;
  /** CIDRs; the host has the first address of each. */
  readonly addresses?: In<readonly In<string>[]>;
  readonly autostart?: In<boolean>;
  readonly dhcp?: In<{ readonly enabled?: In<boolean> }>;
  readonly dns?: In<{
    readonly enabled?: In<boolean>;
    readonly localOnly?: In<boolean>;
    readonly hosts?: In<readonly In<NetworkDnsHost>[]>;
  }>;
  readonly dnsmasqOptions?: In<{
    readonly options?: In<readonly In<{ readonly optionName: In<string>; readonly optionValue?: In<string> }>[]>;
  }>;
  /** Beyond 0.5.4. Entries come and go on the running network. */
  readonly dhcpHosts?: In<readonly In<NetworkDhcpHost>[]>;
  /** Beyond 0.5.4: whose the object is; hexadecimal. Without it nothing existing is ever adopted. */
  readonly stackId?: In<string>;
}

const REGISTERED: Registered<NetworkArgs> = {
  name: undefined,
  mode: undefined,
  bridge: undefined,
  mtu: undefined,
  domain: undefined,
  addresses: undefined,
  autostart: undefined,
  dhcp: undefined,
  dns: undefined,
  dnsmasqOptions: undefined,
  dhcpHosts: undefined,
  stackId: undefined,
};

export class Network extends pulumi.CustomResource implements OutputsOf<NetworkArgs> {
  declare readonly name: Filled<NetworkArgs, "name">;
  declare readonly mode: Filled<NetworkArgs, "mode">;
  declare readonly bridge: Filled<NetworkArgs, "bridge">;
  declare readonly mtu: Optional<NetworkArgs, "mtu">;
  declare readonly domain: Optional<NetworkArgs, "domain">;
  declare readonly addresses: Filled<NetworkArgs, "addresses">;
  declare readonly autostart: Filled<NetworkArgs, "autostart">;
  declare readonly dhcp: Filled<NetworkArgs, "dhcp">;
  declare readonly dns: Filled<NetworkArgs, "dns">;
  declare readonly dnsmasqOptions: Optional<NetworkArgs, "dnsmasqOptions">;
  declare readonly dhcpHosts: Filled<NetworkArgs, "dhcpHosts">;
  declare readonly stackId: Optional<NetworkArgs, "stackId">;

  constructor(name: string, args: NetworkArgs = {}, options?: pulumi.CustomResourceOptions) {
    super("libvirt:index/network:Network", name, { ...REGISTERED, ...args }, withDefaults(options));
  }
}
