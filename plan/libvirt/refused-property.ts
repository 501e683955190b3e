import { nthAddress, parseCidr } from "../addresses";
import type { DomainInputs, NetworkInputs, PoolInputs, VolumeInputs } from "./inputs";

/** Which property libvirt's refusal is about: the one that its words mean, or else the one whose value they name. */

/** What a message of libvirt or QEMU may name: a property, and its value as it stands there. */
type Named = readonly [property: string, value: string | undefined];

interface Refusable {
  /** Words that name no value, or another one. */
  readonly words?: readonly (readonly [RegExp, string])[];
  readonly named: readonly Named[];
  /** Everything that went into the XML. */
  readonly inputs: object;
}

const DOMAIN_WORDS = [
  // So says libvirt 9.0 of a machine type that it does not know: it has no devices for it.
  [/No PCI buses available/, "machine"],
  [/Unknown architecture/, "arch"],
  [/does not support virt type/, "type"],
  [/Invalid mode attribute|CPU mode '.*' .*not supported/, "cpu.mode"],
  [/no loader path specified/, "firmware"],
  [/Maximum CPUs greater/, "vcpu"],
  [/cannot set up guest memory/, "memory"],
  [/invalid kernel header/, "kernel"],
  [/Unknown disk name/, "disks"],
] as const;

export const domainRefusable = (inputs: DomainInputs): Refusable => ({
  inputs,
  words: DOMAIN_WORDS,
  named: [
    ["kernel", inputs.kernel],
    ["initrd", inputs.initrd],
    ["firmware", inputs.firmware],
    ["nvram.file", inputs.nvram?.file],
    ["nvram.template", inputs.nvram?.template],
    ["emulator", inputs.emulator],
    ["cloudinit", inputs.cloudinit],
    ["machine", inputs.machine],
    ...(inputs.cpu?.disabledFeatures ?? []).map((name, index): Named => [`cpu.disabledFeatures[${index}]`, name]),
    ...inputs.bootDevices.flatMap(({ devs }, index) =>
      devs.map((dev, each): Named => [`bootDevices[${index}].devs[${each}]`, dev]),
    ),
    ...inputs.disks.flatMap((disk, index): readonly Named[] => [
      [`disks[${index}].volumeId`, disk.volumeId],
      [`disks[${index}].file`, disk.file],
      [`disks[${index}].blockDevice`, disk.blockDevice],
    ]),
    ...inputs.networkInterfaces.flatMap((each, index): readonly Named[] => [
      [`networkInterfaces[${index}].networkId`, each.networkId],
      [`networkInterfaces[${index}].networkName`, each.networkName],
      [`networkInterfaces[${index}].bridge`, each.bridge],
      [`networkInterfaces[${index}].mac`, each.mac],
    ]),
    ...inputs.consoles.flatMap(({ sourcePath, targetPort }, index): readonly Named[] => [
      [`consoles[${index}].sourcePath`, sourcePath],
      [`consoles[${index}].targetPort`, targetPort],
    ]),
  ],
});

const NETWORK_WORDS = [
  [/bridge (name|interface)/, "bridge"],
  [/interface MTU/, "mtu"],
  [/dnsmasq: bad /, "dnsmasqOptions.options"],
  [/already in use by interface/, "addresses"],
] as const;

/** The host's own address in a block, as libvirt's messages have it. */
function hostAddress(block: string): string | undefined {
  const cidr = parseCidr(block);
  return cidr === undefined ? undefined : ` ${nthAddress(cidr, 1)}/${cidr.prefix} `;
}

export function networkRefusable(inputs: NetworkInputs): Refusable {
  const { addresses, dhcpHosts, dns } = inputs;
  return {
    inputs,
    words: NETWORK_WORDS,
    named: [
      ...addresses.map((block, index): Named => [`addresses[${index}]`, hostAddress(block)]),
      ...dhcpHosts.flatMap(({ mac, ip }, index): readonly Named[] => [
        [`dhcpHosts[${index}].mac`, mac],
        [`dhcpHosts[${index}].ip`, ip],
      ]),
      ...dns.hosts.map(({ ip }, index): Named => [`dns.hosts[${index}].ip`, ip]),
    ],
  };
}

export const poolRefusable = (inputs: PoolInputs): Refusable => ({
  inputs,
  words: [[/cannot (create path|open directory)/, inputs.path === undefined ? "target.path" : "path"]],
  named: [],
});

export const volumeRefusable = (inputs: VolumeInputs): Refusable => ({
  inputs,
  words: [[/too large/, "size"]],
  named: [
    ["baseFile", inputs.baseFile],
    ["baseVolumeId", inputs.baseVolumeId],
    ["baseVolumeName", inputs.baseVolumeName],
    ["baseVolumePool", inputs.baseVolumePool],
  ],
});

/** What XML 1.0 has no way to write. */
// oxlint-disable-next-line no-control-regex -- these are the characters that are looked for
const NO_XML = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/;

function pathOfUnwritable(value: unknown, path = ""): string | undefined {
  if (typeof value === "string") return NO_XML.test(value) ? path : undefined;
  if (typeof value !== "object" || value === null) return undefined;
  const step = (key: string): string => (Array.isArray(value) ? `[${key}]` : path === "" ? key : `.${key}`);
  return Object.entries(value)
    .map(([key, each]) => pathOfUnwritable(each, `${path}${step(key)}`))
    .find((found) => found !== undefined);
}

/** libvirt quotes all but paths, and what it puts last. */
const isNamed = (message: string, value: string): boolean =>
  /^[/ ]/.test(value)
    ? message.includes(value)
    : message.split("\n").some((line) => line.includes(`'${value}'`) || line.endsWith(`: ${value}`));

export function refusedProperty(message: string, { words = [], named, inputs }: Refusable): string | undefined {
  if (/invalid Char value/.test(message)) return pathOfUnwritable(inputs);
  const meant = words.find(([pattern]) => pattern.test(message));
  if (meant !== undefined) return meant[1];
  // The longest one: a path may begin with another. Of equals the last: libvirt minds the second of two.
  const [longest] = named
    .filter(([, value]) => value !== undefined && value !== "" && isNamed(message, value))
    .toReversed()
    .sort(([, a = ""], [, b = ""]) => b.length - a.length);
  return longest?.[0];
}
