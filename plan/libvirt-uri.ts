import { sshConfigPath } from "./ssh-config-path";
import type { Argv } from "./step";

/** Where a libvirt is, as its URI says. */

/** A host that is reached by ssh: as whom and how, where the URI says so; the rest is the user's own ssh configuration's. */
export interface SshHost {
  readonly name: string;
  readonly user?: string;
  readonly port?: string;
  /** Private key. */
  readonly keyFile?: string;
  /** Instead of the user's own known hosts. */
  readonly knownHosts?: string;
}

interface UriParts {
  readonly driver: string;
  readonly transport: string;
  readonly authority: string;
  readonly path: string;
  readonly parameters: readonly (readonly [string, string])[];
}

const URI = /^([a-z]+)(?:\+([a-z0-9]+))?:\/\/([^/?]*)([^?]*)(?:\?(.*))?$/;

function partsOf(uri: string): UriParts | undefined {
  const match = URI.exec(uri);
  if (match === null) return undefined;
  const [, driver = "", transport = "", authority = "", path = "", query = ""] = match;
  const parameters = query
    .split("&")
    .filter((part) => part !== "")
    .map((part) => {
      const [name = "", ...value] = part.split("=");
      return [name, decodeURIComponent(value.join("="))] as const;
    });
  return { driver, transport, authority, path, parameters };
}

/** No host in the URI: libvirt is on this machine. So is libvirt's own choice, an empty one. */
export function isOnThisMachine(uri: string): boolean {
  if (uri === "") return true;
  const parts = partsOf(uri);
  return parts !== undefined && parts.authority === "" && ["", "unix"].includes(parts.transport);
}

const AUTHORITY = /^(?:([^@]*)@)?(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9][\w.-]*)(?::(\d+))?$/;

/** Undefined for every other transport, and for a URI with `sshUriProblems`. */
export function sshHostOf(uri: string): SshHost | undefined {
  const parts = partsOf(uri);
  if (parts?.transport !== "ssh") return undefined;
  const match = AUTHORITY.exec(parts.authority);
  if (match === null) return undefined;
  const [, user, name = "", port] = match;
  const parameter = (wanted: string): string | undefined => parts.parameters.find(([known]) => known === wanted)?.[1];
  const [keyFile, knownHosts] = [parameter("keyfile"), parameter("known_hosts")];
  return {
    name: name.replace(/^\[(.*)\]$/, "$1"),
    ...(user !== undefined && { user: decodeURIComponent(user) }),
    ...(port !== undefined && { port }),
    ...(keyFile !== undefined && { keyFile }),
    ...(knownHosts !== undefined && { knownHosts }),
  };
}

/** Parameters of libvirt's own that would weaken or bypass the check of the host's key. */
const REFUSED: Readonly<Record<string, string>> = {
  no_verify: "a host whose key nobody checks may be anybody; put its key into known_hosts",
  command: "ssh is called by this project, which has it check the host's key",
  known_hosts_verify: "the host's key is always checked; put it into known_hosts",
};

export function sshUriProblems(uri: string): readonly string[] {
  const parts = partsOf(uri);
  if (parts?.transport !== "ssh") return [];
  const files = parts.parameters.filter(([name]) => name === "keyfile" || name === "known_hosts");
  return [
    ...(AUTHORITY.test(parts.authority) ? [] : [`${uri}: expected qemu+ssh://[USER@]HOST[:PORT]/system`]),
    ...parts.parameters.flatMap(([name]) =>
      REFUSED[name] === undefined ? [] : [`${uri}: ${name} is refused: ${REFUSED[name]}`],
    ),
    // Relative to what? virsh, the providers and the verbs run in different folders.
    ...files
      .filter(([, path]) => !path.startsWith("/"))
      .map(([name, path]) => `${uri}: ${name}: expected an absolute path, got ${path || "nothing"}`),
  ];
}

const isHowToGetThere = ([name]: readonly [string, string]): boolean => name === "known_hosts" || name === "keyfile";

/** The libvirt, however one gets there. */
export function libvirtOf(uri: string): string {
  const parts = partsOf(uri);
  if (parts === undefined) return uri;
  const { driver, transport, authority, path, parameters } = parts;
  return JSON.stringify([driver, transport, authority, path, parameters.filter((each) => !isHowToGetThere(each))]);
}

/** What virsh is given: ssh as `command` calls it, which knows of the files. */
export function uriForVirsh(uri: string, command: string): string {
  const parts = partsOf(uri);
  if (parts === undefined) return uri;
  const { driver, transport, authority, path, parameters } = parts;
  const kept = parameters.filter((each) => !isHowToGetThere(each));
  const query = [...kept, ["command", command] as const, ["no_tty", "1"] as const].map(
    ([name, value]) => `${name}=${encodeURIComponent(value)}`,
  );
  return `${driver}+${transport}://${authority}${path}?${query.join("&")}`;
}

/** A host that is silent for a minute is taken for gone. */
const SETTINGS = [
  "StrictHostKeyChecking=yes",
  "UpdateHostKeys=no",
  "BatchMode=yes",
  "ConnectTimeout=30",
  "ServerAliveInterval=15",
  "ServerAliveCountMax=4",
];

/** Options of ssh that hold for every connection to the host, whatever its user configured. */
export const sshOptions = ({ keyFile, knownHosts }: SshHost): readonly string[] => [
  ...SETTINGS.flatMap((setting) => ["-o", setting]),
  ...(knownHosts === undefined
    ? []
    : ["-o", `UserKnownHostsFile=${sshConfigPath(knownHosts)}`, "-o", "GlobalKnownHostsFile=/dev/null"]),
  ...(keyFile === undefined ? [] : ["-o", `IdentityFile=${sshConfigPath(keyFile)}`, "-o", "IdentitiesOnly=yes"]),
];

export const sshToHost = (host: SshHost, ...options: readonly string[]): Argv => [
  "ssh",
  "-T",
  ...sshOptions(host),
  ...options,
  ...(host.port === undefined ? [] : ["-p", host.port]),
  ...(host.user === undefined ? [] : ["-l", host.user]),
  host.name,
];
