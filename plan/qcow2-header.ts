/** The first bytes of a qcow2 file (docs/interop/qcow2.txt of QEMU): magic, version, where the backing file's name is and how long, how big the disk is. */

const MAGIC = 0x51_46_49_fb;
const NAME_OFFSET_AT = 8;
const NAME_LENGTH_AT = 16;
const VIRTUAL_SIZE_AT = 24;
/** The name lies within the first cluster; QEMU allows 1023 bytes of it and puts it right behind the header. */
export const QCOW2_HEADER_BYTES = 4096;

/** Undefined for another format, and for a header that ends before `bytes`. */
function viewOf(header: Uint8Array, bytes: number): DataView | undefined {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  return header.byteLength >= bytes && view.getUint32(0) === MAGIC ? view : undefined;
}

/** Bytes that the guest sees; undefined for another format: as many as the file has. */
export function virtualSize(header: Uint8Array): number | undefined {
  const size = viewOf(header, VIRTUAL_SIZE_AT + 8)?.getBigUint64(VIRTUAL_SIZE_AT);
  return size === undefined ? undefined : Number(size);
}

/** Undefined for another format, and for a disk that stands on its own. */
export function backingFileOf(header: Uint8Array): string | undefined {
  const view = viewOf(header, NAME_LENGTH_AT + 4);
  if (view === undefined) return undefined;
  const offset = Number(view.getBigUint64(NAME_OFFSET_AT));
  const length = view.getUint32(NAME_LENGTH_AT);
  if (offset === 0 || offset + length > header.byteLength) return undefined;
  return new TextDecoder().decode(header.subarray(offset, offset + length));
}
