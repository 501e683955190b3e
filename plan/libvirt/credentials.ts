import { credentialEntries } from "./domain-xml";

/** What SMBIOS type 11 can carry (systemd.system-credentials(7), smbios specification): checked before anything is made. */

const MAX_ENTRY_BYTES = 4096;
const MAX_ALL_BYTES = 32 * 1024;

export interface CredentialProblem {
  readonly property: string;
  readonly reason: string;
}

const isTexts = (value: unknown): value is Readonly<Record<string, string>> =>
  typeof value === "object" && value !== null && Object.values(value).every((each) => typeof each === "string");

export function credentialProblems(credentials: unknown): readonly CredentialProblem[] {
  if (!isTexts(credentials)) return []; // the schema says what is wrong with it
  const sizes = Object.entries(credentials).map(([name, value]) => ({
    name,
    bytes: Buffer.byteLength(credentialEntries({ [name]: value })[0] ?? ""),
  }));
  const all = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  return [
    ...sizes
      .filter(({ bytes }) => bytes > MAX_ENTRY_BYTES)
      .map(({ name, bytes }) => ({
        property: `credentials[${JSON.stringify(name)}]`, // most names have a dot
        reason: `takes ${bytes} bytes as an SMBIOS string, at most ${MAX_ENTRY_BYTES} are allowed`,
      })),
    ...(all > MAX_ALL_BYTES
      ? [{ property: "credentials", reason: `take ${all} bytes in all, at most ${MAX_ALL_BYTES} are allowed` }]
      : []),
  ];
}
