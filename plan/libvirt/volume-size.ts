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

const QCOW2_MAGIC = "QFI\xfb";
/** Up to its virtual size, a big-endian number of eight bytes (QEMU's docs/interop/qcow2.txt). */
export const QCOW2_HEADER_BYTES = 32;
const VIRTUAL_SIZE_AT = 24;

/** What a disk of that content holds; undefined: as many bytes as the file has. */
export const virtualSize = (header: Buffer): number | undefined =>
  header.length >= QCOW2_HEADER_BYTES && header.toString("latin1", 0, QCOW2_MAGIC.length) === QCOW2_MAGIC
    ? Number(header.readBigUInt64BE(VIRTUAL_SIZE_AT))
    : undefined;
