/** kubectl works with API servers up to one minor version older or newer (kubernetes.io/releases/version-skew-policy). */
const ALLOWED_MINORS = 1;

interface Version {
  readonly major: number;
  readonly minor: number;
}

const parseVersion = (text: string): Version | undefined => {
  const match = /^v?(\d+)\.(\d+)/.exec(text);
  return match === null ? undefined : { major: Number(match[1]), minor: Number(match[2]) };
};

/** False as well for a version that cannot be read. */
export const isWithinSkew = (client: string, server: string): boolean => {
  const [a, b] = [parseVersion(client), parseVersion(server)];
  if (a === undefined || b === undefined) return false;
  return a.major === b.major && Math.abs(a.minor - b.minor) <= ALLOWED_MINORS;
};
