import type { DomainInputs } from "./inputs";

/** Which property a failed start is about: the one whose value libvirt's message names. */

type Named = readonly [property: string, value: string | undefined];

const namedValues = (inputs: DomainInputs): readonly Named[] => [
  ["kernel", inputs.kernel],
  ["initrd", inputs.initrd],
  ["firmware", inputs.firmware],
  ["nvram.file", inputs.nvram?.file],
  ["nvram.template", inputs.nvram?.template],
  ["emulator", inputs.emulator],
  ["cloudinit", inputs.cloudinit],
  ...inputs.disks.flatMap((disk, index): readonly Named[] => [
    [`disks[${index}].volumeId`, disk.volumeId],
    [`disks[${index}].file`, disk.file],
    [`disks[${index}].blockDevice`, disk.blockDevice],
  ]),
  ...inputs.networkInterfaces.flatMap((each, index): readonly Named[] => [
    [`networkInterfaces[${index}].networkId`, each.networkId],
    [`networkInterfaces[${index}].networkName`, each.networkName],
    [`networkInterfaces[${index}].bridge`, each.bridge],
  ]),
  ...inputs.consoles.map(({ sourcePath }, index): Named => [`consoles[${index}].sourcePath`, sourcePath]),
];

/** The longest one named: a path may begin with another. libvirt quotes all but paths. */
export function propertyNamedIn(message: string, inputs: DomainInputs): string | undefined {
  const names = (value: string): boolean =>
    value.startsWith("/") ? message.includes(value) : message.includes(`'${value}'`);
  const [longest] = namedValues(inputs)
    .filter(([, value]) => value !== undefined && value !== "" && names(value))
    .sort(([, a = ""], [, b = ""]) => b.length - a.length);
  return longest?.[0];
}
