import { join } from "node:path";
import type { Secret } from "../plan/secret";
import { knownHostsText, sshArgv, type SshInvocation, type SshTarget } from "../plan/ssh-client";
import type { Argv } from "../plan/step";
import { withPrivateDirectory, writePrivateFile } from "./private-file";

/** The OpenSSH client, for what a person or a stream needs: a terminal, or bytes at full speed. Steps go through ssh-runner. */
export interface SshAccess {
  readonly privateKey: Secret;
  /** Where the key lies as a file while the client runs; only its owner may enter. */
  readonly directory: string;
  /** Gives a byte stream to an address, see sshArgv; none when addresses can be dialled. */
  readonly proxyTo?: (address: string) => Argv;
}

export type SshCommand = (target: SshTarget, command: readonly string[], terminal: SshInvocation["terminal"]) => Argv;

/** Key and pinned host keys exist as files only while `use` runs. */
export function withSshClient<T>(
  access: SshAccess,
  targets: readonly SshTarget[],
  use: (command: SshCommand) => Promise<T>,
): Promise<T> {
  return withPrivateDirectory(access.directory, async (directory) => {
    const files = { privateKey: join(directory, "key"), knownHosts: join(directory, "known_hosts") };
    const key = access.privateKey.reveal();
    writePrivateFile(files.privateKey, key.endsWith("\n") ? key : `${key}\n`); // ssh refuses a key without a last newline
    writePrivateFile(files.knownHosts, targets.map(knownHostsText).join(""));
    return use((target, command, terminal) =>
      sshArgv({
        target,
        files,
        command,
        terminal,
        ...(access.proxyTo === undefined ? {} : { proxy: access.proxyTo(target.address) }),
      }),
    );
  });
}
