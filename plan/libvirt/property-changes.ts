import type { CloudInitDiskInputs, DomainInputs, NetworkInputs, PoolInputs, VolumeInputs } from "./inputs";

/** What a changed property costs: nothing but the change, a restart of the guest, or a new object. One line for every property. */
export type Cost = "in place" | "restart" | "replace";

type Costs<Inputs> = Readonly<Record<keyof Required<Inputs>, Cost>>;

export const POOL_CHANGES: Costs<PoolInputs> = {
  name: "replace",
  type: "replace",
  path: "replace",
  target: "replace",
  stackId: "replace",
};

/** Guests read it when they boot first. */
export const CLOUD_INIT_DISK_CHANGES: Costs<CloudInitDiskInputs> = {
  name: "replace",
  pool: "replace",
  userData: "replace",
  metaData: "replace",
  networkConfig: "replace",
  stackId: "replace",
};

export const VOLUME_CHANGES: Costs<VolumeInputs> = {
  name: "replace",
  pool: "replace",
  source: "replace",
  // Of what it is made of the next time.
  shared: "in place",
  // Growing only; the provider's diff replaces a volume that is to shrink.
  size: "in place",
  format: "replace",
  baseVolumeId: "replace",
  baseVolumeName: "replace",
  baseVolumePool: "replace",
  baseFile: "replace",
  triggers: "replace",
  stackId: "replace",
};

export const NETWORK_CHANGES: Costs<NetworkInputs> = {
  name: "replace",
  mode: "replace",
  bridge: "replace",
  mtu: "replace",
  domain: "replace",
  addresses: "replace",
  autostart: "in place",
  dhcp: "replace",
  // `dns.hosts` alone is in place, see NETWORK_REPLACING.
  dns: "replace",
  dnsmasqOptions: "replace",
  dhcpHosts: "in place",
  stackId: "replace",
};

export const DOMAIN_CHANGES: Costs<DomainInputs> = {
  name: "replace",
  description: "in place",
  type: "replace",
  vcpu: "restart",
  memory: "restart",
  cpu: "restart",
  machine: "replace",
  arch: "replace",
  emulator: "restart",
  firmware: "replace",
  nvram: "replace",
  kernel: "restart",
  initrd: "restart",
  cmdlines: "restart",
  bootDevices: "restart",
  disks: "replace",
  // `waitForLease` alone is in place, see the provider's diff.
  networkInterfaces: "replace",
  consoles: "restart",
  cloudinit: "replace",
  qemuAgent: "restart",
  running: "in place",
  autostart: "in place",
  applyOnNextStart: "in place",
  credentials: "replace",
  stackId: "replace",
};

const withCost = (changes: Readonly<Record<string, Cost>>, cost: Cost): readonly string[] =>
  Object.entries(changes)
    .filter(([, each]) => each === cost)
    .map(([property]) => property);

export const POOL_REPLACING = withCost(POOL_CHANGES, "replace");
export const VOLUME_REPLACING = withCost(VOLUME_CHANGES, "replace");
export const CLOUD_INIT_DISK_REPLACING = withCost(CLOUD_INIT_DISK_CHANGES, "replace");
export const NETWORK_REPLACING = [
  ...withCost(NETWORK_CHANGES, "replace").filter((property) => property !== "dns"),
  "dns.enabled",
  "dns.localOnly",
];
export const DOMAIN_REPLACING = withCost(DOMAIN_CHANGES, "replace");
export const DOMAIN_RESTARTING = withCost(DOMAIN_CHANGES, "restart");
