import { DEADLINES, deadlineSeconds, type Deadlines } from "../plan/deadlines";
import { sshHostOf } from "../plan/libvirt-uri";
import { shellLine } from "../plan/shell";
import type { Argv } from "../plan/step";
import { unlessCrowded } from "./crowded-ssh";
import { CommandError, ReplikubeError } from "./errors";
import { localRunner } from "./local-runner";
import type { CommandResult, CommandRunner, RunOptions } from "./runner";
import { checkedUri, hostFailure } from "./ssh-host";

/** The libvirt project's own client, on one URI. Everything that talks to a libvirt goes through here. */
export interface Virsh {
  readonly uri: string;
  /** Throws `NotFound` when libvirt says that the object does not exist, `CommandError` for every other failure. */
  run(args: readonly string[], options?: RunOptions): Promise<CommandResult>;
}

/** A positive answer: libvirt looked, and there is no such object. */
export class NotFound extends ReplikubeError {
  override readonly name = "NotFound";
}

/**
 * libvirt's own sentences (VIR_ERR_NO_DOMAIN, _NO_NETWORK, _NO_STORAGE_POOL, _NO_STORAGE_VOL); LC_ALL=C keeps them English.
 * virsh's "failed to get network" says nothing: it stands before every reason, also a libvirtd that died during the call.
 */
const NOT_FOUND = /Domain not found|Network not found|Storage pool not found|Storage volume not found/;

/** Of a domain virsh 9 tells no reason at all (virshLookupDomainInternal forgets it). */
const NO_DOMAIN = /failed to get domain '(.*)'/;

/** What virsh 9 says when it had no answer, for which ever request; everything else is an answer. */
const UNANSWERED = /failed to connect to the hypervisor|Disconnected from|End of file while reading data/;

function nextAfter(uri: string, output: string): string {
  if (output.trim() === "") return "virsh was ended before it said anything; run the same command again";
  return UNANSWERED.test(output)
    ? `does libvirt answer? virsh -c '${uri}' version`
    : "libvirt answered, and its words are above; correct what they name";
}

/** What local-runner gives for a program that a signal ended. */
const KILLED = 128;

/** virsh that writes when its ssh is gone is ended by SIGPIPE, and says nothing. */
const lastWords = ({ exitCode, stderr }: CommandResult): string =>
  exitCode === KILLED && stderr.trim() === "" ? "Broken pipe" : stderr;

/** libvirt's list tells it; one that cannot be had is that failure. */
async function isListed(virsh: Virsh, nameOrUuid: string): Promise<boolean> {
  const { stdout } = await virsh.run(["list", "--all", "--uuid", "--name"]);
  return stdout.split("\n").some((line) => {
    const [uuid, ...name] = line.trim().split(" ");
    return uuid === nameOrUuid || name.join(" ").trim() === nameOrUuid;
  });
}

async function isAbsent(virsh: Virsh, { stderr }: CommandResult): Promise<boolean> {
  if (NOT_FOUND.test(stderr)) return true;
  const domain = NO_DOMAIN.exec(stderr)?.[1];
  return domain !== undefined && !(await isListed(virsh, domain));
}

/** Of a stack: a call gets as long as its deadlines say. */
export const stackVirsh = (stack: Deadlines & { readonly libvirtUri: string }, runner?: CommandRunner): Virsh =>
  virshFor(stack.libvirtUri, runner, deadlineSeconds("virsh", stack));

/** `callSeconds`: of a stack; without one no configuration makes them longer. */
export function virshFor(uri: string, runner: CommandRunner = localRunner, callSeconds?: number): Virsh {
  const limit: RunOptions =
    callSeconds === undefined
      ? {
          deadlineSeconds: DEADLINES.virsh.seconds,
          ifLate: `does libvirt answer? virsh -c '${uri}' version; then try again`,
        }
      : { deadlineSeconds: callSeconds };
  const host = sshHostOf(uri);
  const runOnce = async (args: readonly string[], options: RunOptions): Promise<CommandResult> => {
    const command: Argv = ["virsh", "-q", "-c", checkedUri(uri, host), ...args];
    const result = await runner.run(command, {
      ...limit,
      ...options,
      environment: { LC_ALL: "C", ...options.environment },
    });
    if (result.exitCode === 0) return result;
    const lost = host === undefined ? undefined : hostFailure(host, lastWords(result));
    if (lost !== undefined) throw lost;
    if (await isAbsent(virsh, result)) throw new NotFound(`${runner.machine}: ${result.stderr.trim()}`);
    const output = result.stderr || result.stdout;
    throw new CommandError(
      { machine: runner.machine, step: `virsh ${args[0] ?? ""}`, next: nextAfter(uri, output) },
      shellLine(command),
      result.exitCode,
      output,
    );
  };
  const virsh: Virsh = {
    uri,
    run: (args, options = {}) => unlessCrowded(() => runOnce(args, options), options.signal),
  };
  return virsh;
}
