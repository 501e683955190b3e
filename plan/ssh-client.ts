import { shellLine } from "./shell";
import { sshConfigPath } from "./ssh-config-path";
import { withPosixShell } from "./ssh-shell";
import type { Argv } from "./step";

/** Arguments and files of the OpenSSH client for a node whose host key is pinned. */
export interface SshTarget {
  readonly name: string;
  readonly address: string;
  /** `ssh-ed25519 AAAA…` as the guest agent read it. */
  readonly hostKey: string;
}

export interface SshFiles {
  readonly privateKey: string;
  readonly knownHosts: string;
}

/** The node's name stands for its address, so that messages of ssh name the node. */
export const knownHostsText = (target: SshTarget): string => `${target.name},${target.address} ${target.hostKey}\n`;

/** ssh expands % in ProxyCommand and hands the line to a shell. */
const proxyCommand = (command: Argv): string => shellLine(command).replaceAll("%", "%%");

export interface SshInvocation {
  readonly target: SshTarget;
  readonly files: SshFiles;
  /** Gives a byte stream to the node's SSH port on its standard input and output; none when the address can be dialled. */
  readonly proxy?: Argv;
  /** Empty for a login shell. Like ssh itself: the words go to the node's shell as they are, joined by spaces. */
  readonly command: readonly string[];
  /** `force` asks for a terminal on the node whatever standard input is. */
  readonly terminal: "auto" | "force" | "none";
}

const TERMINAL_OPTIONS = { auto: [], force: ["-tt"], none: ["-T"] } as const;

/** Nothing of the user's own configuration, keys, agent or known hosts takes part. */
export function sshArgv({ target, files, proxy, command, terminal }: SshInvocation): Argv {
  const settings = [
    "StrictHostKeyChecking=yes",
    `UserKnownHostsFile=${sshConfigPath(files.knownHosts)}`,
    "GlobalKnownHostsFile=/dev/null",
    "UpdateHostKeys=no",
    "HostKeyAlgorithms=ssh-ed25519",
    `IdentityFile=${sshConfigPath(files.privateKey)}`,
    "IdentitiesOnly=yes",
    "IdentityAgent=none",
    "BatchMode=yes",
    "ConnectTimeout=30",
    "ServerAliveInterval=15",
    "ServerAliveCountMax=4",
    "LogLevel=ERROR",
    `HostKeyAlias=${target.name}`,
    ...(proxy === undefined ? [] : [`ProxyCommand=${proxyCommand(proxy)}`]),
  ];
  return withPosixShell([
    "ssh",
    "-F",
    "none",
    ...settings.flatMap((setting) => ["-o", setting]),
    ...TERMINAL_OPTIONS[terminal],
    "-l",
    "root",
    target.address,
    ...(command.length === 0 ? [] : ["--", ...command]),
  ]);
}
