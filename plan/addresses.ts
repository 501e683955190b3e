/** IPv4 arithmetic on texts as users write them. Everything else about addresses is a rule of plan/topology. */

export interface Cidr {
  /** First address of the block as a number. */
  readonly base: number;
  readonly prefix: number;
}

const OCTET = /^(0|[1-9]\d{0,2})$/;

/** Undefined when the text is no dotted quad. */
function parseAddress(text: string): number | undefined {
  const octets = text.split(".");
  if (octets.length !== 4 || !octets.every((octet) => OCTET.test(octet) && Number(octet) <= 255)) return undefined;
  return octets.reduce((value, octet) => value * 256 + Number(octet), 0);
}

export const isAddress = (text: string): boolean => parseAddress(text) !== undefined;

/** False for a text that is no address. */
export function contains({ base, prefix }: Cidr, address: string): boolean {
  const value = parseAddress(address);
  return value !== undefined && value >= base && value < base + addressCount({ base, prefix });
}

const formatAddress = (value: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");

export const addressCount = ({ prefix }: Cidr): number => 2 ** (32 - prefix);

/** Undefined when the text is no block; bits beyond the prefix must be zero, so that one block has one spelling. */
export function parseCidr(text: string): Cidr | undefined {
  const [address = "", prefixText = "", ...rest] = text.split("/");
  const base = parseAddress(address);
  if (base === undefined || rest.length > 0 || !OCTET.test(prefixText) || Number(prefixText) > 32) return undefined;
  const cidr = { base, prefix: Number(prefixText) };
  return base % addressCount(cidr) === 0 ? cidr : undefined;
}

/** The block of that size which the address is in; undefined when either is none. */
export function blockOf(address: string, prefix: number): Cidr | undefined {
  const value = parseAddress(address);
  if (value === undefined || !Number.isInteger(prefix) || prefix < 0 || prefix > 32) return undefined;
  const count = addressCount({ prefix, base: 0 });
  return { base: value - (value % count), prefix };
}

export const formatCidr = ({ base, prefix }: Cidr): string => `${formatAddress(base)}/${prefix}`;

export const overlap = (a: Cidr, b: Cidr): boolean =>
  a.base < b.base + addressCount(b) && b.base < a.base + addressCount(a);

/** Address number `index` of the block, counted from its first. */
export function nthAddress(cidr: Cidr, index: number): string {
  if (index < 0 || index >= addressCount(cidr)) {
    throw new RangeError(`${formatCidr(cidr)} has no address number ${index}`);
  }
  return formatAddress(cidr.base + index);
}

/** How many blocks of `prefix` the pool holds. */
export const blockCount = (pool: Cidr, prefix: number): number =>
  prefix < pool.prefix ? 0 : 2 ** (prefix - pool.prefix);

export function nthBlock(pool: Cidr, prefix: number, index: number): Cidr {
  if (index < 0 || index >= blockCount(pool, prefix)) {
    throw new RangeError(`${formatCidr(pool)} has no /${prefix} number ${index}`);
  }
  return { base: pool.base + index * addressCount({ base: 0, prefix }), prefix };
}
