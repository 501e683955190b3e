/** What becomes of a volume's size: a raw one has each byte, a qcow2 is rounded up. */

export interface WantedSize {
  readonly format: "qcow2" | "raw";
  readonly size: number;
}

/** libvirt 9.0 has qemu-img make a qcow2 of whole KiB, and QEMU grows one to whole sectors. */
const QCOW2_UNITS = [1, 512, 1024];

const roundedUp = (size: number, unit: number): number => Math.ceil(size / unit) * unit;

export const hasSize = (bytes: number, { format, size }: WantedSize): boolean =>
  (format === "raw" ? [1] : QCOW2_UNITS).some((unit) => roundedUp(size, unit) === bytes);

export const isLarger = (bytes: number, wanted: WantedSize): boolean => bytes > wanted.size && !hasSize(bytes, wanted);

/** As the program says it, where that is what it got. */
export const sizeAsWanted = (
  bytes: number,
  { format, size }: { readonly format: "qcow2" | "raw"; readonly size?: number | undefined },
): number => (size !== undefined && hasSize(bytes, { format, size }) ? size : bytes);
