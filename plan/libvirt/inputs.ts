import { z } from "zod";
import { isAddress, parseCidr } from "../addresses";

/** The inputs of libvirt's resources after `check`: what sdks/libvirt types, as a schema that names every fault by its path. */

const text = z.string("expected a text");
const flag = z.boolean("expected true or false");
const whole = (minimum: number): z.ZodNumber =>
  z.int("expected a whole number").min(minimum, `expected at least ${minimum}`);
/** libvirt takes more in a name; files, DNS and shells do not. */
const name = text.regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "expected letters, digits, dots, hyphens and underscores");
const path = text.startsWith("/", "expected an absolute path");
const block = text.refine((value) => parseCidr(value) !== undefined, "expected an IPv4 block such as 10.77.0.0/24");
const address = text.refine(isAddress, "expected an IPv4 address such as 10.77.0.5");
const mac = text.regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i, "expected a MAC address such as 52:54:00:12:34:56");
const stackId = text.regex(/^[0-9a-f]+$/, "expected hexadecimal digits").optional();

export const poolInputs = z.strictObject({
  name,
  type: z.literal("dir", "expected dir: only directories are covered"),
  path: path.optional(),
  target: z.strictObject({ path: path.optional() }).optional(),
  stackId,
});

export const cloudInitDiskInputs = z.strictObject({
  name,
  pool: text.default("default"),
  userData: text.optional(),
  metaData: text.optional(),
  networkConfig: text.optional(),
  stackId,
});

export const volumeInputs = z.strictObject({
  name,
  pool: text.default("default"),
  source: text.optional(),
  size: whole(0).optional(),
  format: z.enum(["qcow2", "raw"], "expected qcow2 or raw").default("qcow2"),
  baseVolumeId: text.optional(),
  baseVolumeName: text.optional(),
  baseVolumePool: text.optional(),
  baseFile: text.optional(),
  triggers: z.record(text, text).optional(),
  shared: flag.optional(),
  stackId,
});

const dnsHost = z.strictObject({ hostname: text, ip: address });
const dhcpHost = z.strictObject({ mac, ip: address, name: text.optional() });

export const networkInputs = z.strictObject({
  name,
  mode: z.enum(["none", "nat", "route"], "expected none, nat or route").default("nat"),
  /** Linux IFNAMSIZ - 1. */
  bridge: text.max(15, "expected at most 15 characters").optional(),
  mtu: whole(68).optional(),
  domain: text.optional(),
  addresses: z.array(block).default([]),
  autostart: flag.default(false),
  dhcp: z.strictObject({ enabled: flag.default(true) }).prefault({}),
  dns: z
    .strictObject({ enabled: flag.default(true), localOnly: flag.default(false), hosts: z.array(dnsHost).default([]) })
    .prefault({}),
  dnsmasqOptions: z
    .strictObject({
      options: z.array(z.strictObject({ optionName: text, optionValue: text.optional() })).default([]),
    })
    .optional(),
  dhcpHosts: z.array(dhcpHost).default([]),
  stackId,
});

const disk = z.strictObject({
  volumeId: text.optional(),
  file: text.optional(),
  blockDevice: text.optional(),
});

const networkInterface = z.strictObject({
  networkId: text.optional(),
  networkName: text.optional(),
  bridge: text.optional(),
  mac: mac.optional(),
  hostname: text.optional(),
  addresses: z.array(text).optional(),
  waitForLease: flag.optional(),
});

const consoleInput = z.strictObject({
  type: z.enum(["pty", "file"], "expected pty or file"),
  targetPort: text,
  targetType: z.enum(["serial", "virtio"], "expected serial or virtio").default("serial"),
  sourcePath: path.optional(),
});

const bootDevice = z.enum(["hd", "network", "cdrom", "fd"], "expected hd, network, cdrom or fd");

export const domainInputs = z.strictObject({
  name,
  description: text.optional(),
  type: z.enum(["kvm", "qemu"], "expected kvm or qemu").default("kvm"),
  vcpu: whole(1).default(1),
  memory: whole(16).default(512),
  cpu: z
    .strictObject({ mode: text.optional(), disabledFeatures: z.array(text).optional() })
    .refine(({ mode, disabledFeatures = [] }) => mode !== undefined || disabledFeatures.length === 0, {
      path: ["mode"],
      error: "expected a mode beside disabledFeatures",
    })
    .optional(),
  machine: text.default("q35"),
  arch: text.default("x86_64"),
  emulator: text.optional(),
  firmware: text.optional(),
  nvram: z.strictObject({ file: text.optional(), template: text.optional() }).optional(),
  kernel: text.optional(),
  initrd: text.optional(),
  cmdlines: z.array(z.record(z.string(), text)).optional(),
  bootDevices: z.array(z.strictObject({ devs: z.array(bootDevice).default([]) })).default([]),
  disks: z.array(disk).default([]),
  networkInterfaces: z.array(networkInterface).default([]),
  consoles: z.array(consoleInput).default([]),
  cloudinit: text.optional(),
  qemuAgent: flag.default(false),
  running: flag.default(true),
  autostart: flag.default(false),
  applyOnNextStart: flag.default(false),
  credentials: z.record(text, text).optional(),
  stackId,
});

export type PoolInputs = z.output<typeof poolInputs>;
export type VolumeInputs = z.output<typeof volumeInputs>;
export type NetworkInputs = z.output<typeof networkInputs>;
export type CloudInitDiskInputs = z.output<typeof cloudInitDiskInputs>;
export type DomainInputs = z.output<typeof domainInputs>;
