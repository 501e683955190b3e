import type { Duplex } from "node:stream";
import { NodeSSH } from "node-ssh";
import { redactor } from "../plan/redact";
import type { Secret } from "../plan/secret";
import { shellLine } from "../plan/shell";
import type { Argv } from "../plan/step";
import { writeFileCommand } from "../plan/write-file-command";
import { CommandError, ConnectionLost, ReplikubeError, StepTimeout } from "./errors";
import { openStream, type Reach } from "./reach";
import type { CommandResult, CommandRunner, RunOptions } from "./runner";

/** Runs programs on a node, over one SSH connection that is made when it is needed and made again after it was lost. */
export interface SshRunner extends CommandRunner {
  /** Content travels on standard input; the file appears whole, with its mode, or not at all. */
  writeFile(path: string, content: string, mode: number): Promise<void>;
  /** Ends the connection, also one that is being made, and every run; there is no other one after it. */
  close(): void;
}

export interface SshRunnerOptions {
  readonly machine: string;
  readonly address: string;
  readonly port?: number;
  readonly reach: Reach;
  /** `ssh-ed25519 AAAA…`, pinned: any other key of the peer ends the connection. */
  readonly hostKey: string;
  readonly privateKey: Secret;
  readonly user: "root";
  /** For dial and handshake together; an emulated guest takes seconds for its part of it. */
  readonly connectSeconds: number;
  readonly keepaliveSeconds?: number;
  /** Ends every run, and a connection that is being made. */
  readonly signal?: AbortSignal;
}

/** A guest on a crowded host may be silent for a while; after four of these it is taken for gone. */
const KEEPALIVE_SECONDS = 15;
const KEEPALIVE_COUNT = 4;
/** What the remote `timeout` and a slow line get on top of the deadline before this side gives up. */
const GRACE_SECONDS = 20;
/** Exit codes of `timeout`: coreutils' after SIGTERM, both after SIGKILL, busybox's after SIGTERM. */
const TIMED_OUT: readonly (number | null)[] = [124, 137, 143];

/** ed25519 is what nodes have; the other is for a peer of a test's own (ssh2 makes unusable ed25519 keys, see its #1390). */
const HOST_KEY_ALGORITHMS = ["ssh-ed25519", "ecdsa-sha2-nistp256"] as const;

/** Fails for any key but the pinned one; `SshHostKeyMismatch` says which side knew what. */
export class HostKeyMismatch extends ReplikubeError {
  override readonly name = "HostKeyMismatch";
  constructor(machine: string, pinned: string, seen: string) {
    super(
      `${machine}: ssh: the machine at its address has another host key than its guest agent told\nexpected: ${pinned}\ngot:      ${seen}\nnext: find out who answers at that address; replace the machine if it is the right one`,
    );
  }
}

export function sshRunner(options: SshRunnerOptions): SshRunner {
  const { machine } = options;
  let connection: Promise<NodeSSH> | undefined;
  const closing = new AbortController();
  const own = options.signal === undefined ? closing.signal : AbortSignal.any([options.signal, closing.signal]);

  const forget = (old: Promise<NodeSSH>): void => {
    if (connection === old) connection = undefined;
  };
  /** In the same tick, so that all runs that come while it is made share it, and its failure. */
  const connectAnew = (): Promise<NodeSSH> => {
    const made = connect({ ...options, signal: own });
    connection = made;
    made.catch(() => forget(made));
    return made;
  };
  const connected = async (): Promise<NodeSSH> => {
    const current = connection;
    if (current === undefined) return connectAnew();
    const ssh = await current;
    if (ssh.isConnected()) return ssh;
    forget(current); // lost while it was idle
    return connection ?? connectAnew();
  };
  const drop = (): void => {
    connection?.then((ssh) => ssh.connection?.destroy()).catch(() => undefined);
    connection = undefined;
  };

  const run = async (command: Argv, runOptions: RunOptions = {}): Promise<CommandResult> => {
    const signal = runOptions.signal === undefined ? own : AbortSignal.any([runOptions.signal, own]);
    signal.throwIfAborted();
    const ssh = await connected();
    signal.throwIfAborted(); // a connection that others use too is not given up for one of them
    return execute(ssh, machine, command, { ...runOptions, signal }, drop);
  };

  return {
    machine,
    run,
    async writeFile(path, content, mode) {
      const command = writeFileCommand(path, Buffer.byteLength(content), mode);
      const { exitCode, stderr } = await run(command, { stdin: content, deadlineSeconds: options.connectSeconds });
      if (exitCode === 0) return;
      const context = { machine, step: `write ${path}`, next: "look for room on the machine's disk" };
      throw new CommandError(context, shellLine(command), exitCode, stderr);
    },
    close: () => {
      closing.abort(new ConnectionLost(machine, "work that had ended already"));
      connection?.then((ssh) => ssh.dispose()).catch(() => undefined);
      connection = undefined;
    },
  };
}

/** A machine that was reset meanwhile never says goodbye: its end of the line would keep this process for ever. */
const GOODBYE_MS = 1000;

function hangUpAfter(signal: AbortSignal, sock: Duplex): void {
  const hangUp = (): void => {
    const timer = setTimeout(() => sock.destroy(), GOODBYE_MS);
    sock.once("close", () => clearTimeout(timer));
  };
  signal.addEventListener("abort", hangUp, { once: true });
  sock.once("close", () => signal.removeEventListener("abort", hangUp));
}

async function connect(options: SshRunnerOptions): Promise<NodeSSH> {
  const { machine, address, port = 22, hostKey, connectSeconds } = options;
  const deadline = AbortSignal.timeout(connectSeconds * 1000);
  const { signal = deadline } = options;
  const sock = await openStream(options.reach, { host: address, port, signal: AbortSignal.any([deadline, signal]) });
  const giveUp = (): void => void sock.destroy();
  signal.addEventListener("abort", giveUp, { once: true });
  // A stream may stay half open; SSH over one that has no more to say has ended, and ssh2 waits for the other half.
  sock.once("end", () => sock.destroy());
  const [algorithm = "", expected = ""] = hostKey.trim().split(/\s+/);
  let mismatch: HostKeyMismatch | undefined;
  const ssh = new NodeSSH();
  try {
    await ssh.connect({
      sock,
      username: options.user,
      privateKey: options.privateKey.reveal(),
      readyTimeout: connectSeconds * 1000,
      keepaliveInterval: (options.keepaliveSeconds ?? KEEPALIVE_SECONDS) * 1000,
      keepaliveCountMax: KEEPALIVE_COUNT,
      algorithms: { serverHostKey: HOST_KEY_ALGORITHMS.filter((each) => each === algorithm) },
      hostVerifier: (key: Buffer) => {
        const seen = key.toString("base64");
        if (seen !== expected) mismatch = new HostKeyMismatch(machine, expected, seen);
        return seen === expected;
      },
    });
  } catch (error) {
    sock.destroy();
    options.signal?.throwIfAborted();
    if (mismatch !== undefined) throw mismatch;
    // Its texts name no secret; the key may still stand in a parser's complaint.
    const reason = redactor([options.privateKey.reveal()])(error instanceof Error ? error.message : String(error));
    throw new ConnectionLost(machine, `the connection to ${address}:${port} (${reason})`);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
  // A reset of an idle connection is emitted here; unheard it would end the process. The next run connects anew.
  ssh.connection?.on("error", () => undefined);
  hangUpAfter(signal, sock);
  return ssh;
}

async function execute(
  ssh: NodeSSH,
  machine: string,
  command: Argv,
  options: RunOptions,
  drop: () => void,
): Promise<CommandResult> {
  const { stdin, deadlineSeconds, onOutput, signal } = options;
  const chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  const take = (name: "stdout" | "stderr") => (chunk: Buffer) => {
    chunks[name].push(chunk);
    onOutput?.(chunk.toString("utf8"));
  };
  const text = (name: "stdout" | "stderr"): string => Buffer.concat(chunks[name]).toString("utf8");
  const timeout = (): StepTimeout =>
    new StepTimeout(
      { machine, step: command[0], next: "raise the deadlines factor, or find out what it waits for" },
      shellLine(command),
      deadlineSeconds ?? 0,
      text("stderr") || text("stdout"),
    );

  const started = performance.now();
  const late = (): boolean => deadlineSeconds !== undefined && performance.now() - started >= deadlineSeconds * 1000;
  let ended: "deadline" | "aborted" | undefined;
  const end = (why: "deadline" | "aborted") => (): void => {
    ended = why;
    drop(); // the remote program gets a hang-up or an error at its next write; `timeout` there ends it for sure
  };
  const timer =
    deadlineSeconds === undefined ? undefined : setTimeout(end("deadline"), (deadlineSeconds + GRACE_SECONDS) * 1000);
  const abort = end("aborted");
  signal?.addEventListener("abort", abort, { once: true });
  try {
    const { code, signal: killedBy } = await ssh.execCommand(remoteLine(command, options), {
      noTrim: true,
      ...(stdin === undefined ? {} : { stdin }),
      onStdout: take("stdout"),
      onStderr: take("stderr"),
      // A program that leaves early makes writing fail; its exit code says why.
      onChannel: (channel) => void channel.on("error", () => undefined),
    });
    if (ended === "aborted") signal?.throwIfAborted();
    if (ended === "deadline" || (late() && TIMED_OUT.includes(code))) throw timeout();
    // node-ssh resolves without a code when the connection went away.
    if (code === null && killedBy === null) throw new ConnectionLost(machine, shellLine(command));
    return { exitCode: code ?? 128, stdout: text("stdout"), stderr: text("stderr") };
  } catch (error) {
    if (ended === "aborted") signal?.throwIfAborted();
    if (ended === "deadline") throw timeout();
    if (error instanceof ReplikubeError) throw error;
    drop();
    throw new ConnectionLost(machine, shellLine(command), { cause: error });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

/** `timeout` runs on the node, so that the program ends there even when nobody is connected any more. */
function remoteLine(command: Argv, { deadlineSeconds, environment = {}, cwd }: RunOptions): string {
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const inEnvironment: Argv = variables.length === 0 ? command : ["env", ...variables, ...command];
  const bounded: Argv =
    deadlineSeconds === undefined
      ? inEnvironment
      : ["timeout", "-k", "5", String(Math.ceil(deadlineSeconds)), ...inEnvironment];
  const line = shellLine(bounded);
  return cwd === undefined ? line : `cd ${shellLine([cwd])} && ${line}`;
}
