/** The first bytes of a qcow2 file (docs/interop/qcow2.txt of QEMU): magic, version, where the backing file's name is and how long. */

const MAGIC = 0x51_46_49_fb;
const NAME_OFFSET_AT = 8;
const NAME_LENGTH_AT = 16;
/** The name lies within the first cluster; QEMU allows 1023 bytes of it and puts it right behind the header. */
export const QCOW2_HEADER_BYTES = 4096;

/** Undefined for another format, and for a disk that stands on its own. */
export function backingFileOf(header: Uint8Array): string | undefined {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  if (header.byteLength < NAME_LENGTH_AT + 4 || view.getUint32(0) !== MAGIC) return undefined;
  const offset = Number(view.getBigUint64(NAME_OFFSET_AT));
  const length = view.getUint32(NAME_LENGTH_AT);
  if (offset === 0 || offset + length > header.byteLength) return undefined;
  return new TextDecoder().decode(header.subarray(offset, offset + length));
}
