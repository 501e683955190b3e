import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { Duplex } from "node:stream";
import { sshToHost, type SshHost } from "../plan/libvirt-uri";
import { withPosixShell } from "../plan/ssh-shell";
import { unlessCrowded } from "./crowded-ssh";
import { lastLines } from "./errors";
import { HostFailure, hostFailure } from "./ssh-host";

/** Connects through a host: one ssh for each stream, which ends with it. */

interface Target {
  readonly host: string;
  readonly port: number;
  readonly signal?: AbortSignal;
}

/** What ssh has to say of its end comes a moment after it. */
const LAST_WORDS_MS = 300;
const CONNECTED = "replikube: connected";

/**
 * Resolves once the host has let us in. Whether the guest answers is known later: a refusal destroys the stream, with an
 * error that names both.
 */
export const dialThroughHost = (through: SshHost, target: Target): Promise<Duplex> =>
  unlessCrowded(() => dialOnce(through, target), target.signal);

function dialOnce(through: SshHost, target: Target): Promise<Duplex> {
  const { host, port, signal } = target;
  const address = `${host}:${port}`;
  const [program, ...args] = withPosixShell(
    sshToHost(
      through,
      "-o",
      "PermitLocalCommand=yes",
      "-o",
      `LocalCommand=echo '${CONNECTED}' >&2`,
      // Not by a connection that somebody else keeps: what ends it would be known there only.
      "-o",
      "ControlPath=none",
      "-W",
      address,
    ),
  );
  const child = spawn(program, args);
  const stream = streamOf(child);
  let stderr = "";
  const giveUp = (): void => void child.kill();
  signal?.addEventListener("abort", giveUp, { once: true });
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      reject(error);
      stream.destroy(error);
    };
    child.once("error", fail);
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      if (!stderr.includes(CONNECTED)) return;
      signal?.removeEventListener("abort", giveUp);
      resolve(stream);
    });
    child.once("close", (code) => {
      signal?.removeEventListener("abort", giveUp);
      const isConnected = stderr.includes(CONNECTED);
      if (!isConnected) stream.on("error", () => undefined); // the promise tells it
      if (!isConnected && signal?.aborted === true) {
        fail(new Error(`connect to ${address} through host ${through.name}: given up`, { cause: signal.reason }));
      } else if (code !== 0) fail(refusal(through, address, stderr.replace(`${CONNECTED}\n`, "")));
    });
  });
}

function streamOf(child: ChildProcessWithoutNullStreams): Duplex {
  const stream = new Duplex({
    allowHalfOpen: true,
    read: () => void child.stdout.resume(),
    // What cannot be written any more is no news: the end of ssh says why.
    write: (chunk, encoding, done) => void child.stdin.write(chunk, encoding, () => done()),
    final: (done) => void child.stdin.end(() => done()),
    destroy: (error, done) => {
      child.kill();
      done(error);
    },
  });
  child.stdin.on("error", () => undefined);
  child.stdout.on("data", (chunk) => {
    if (!stream.push(chunk)) child.stdout.pause();
  });
  child.stdout.on("end", () => setTimeout(() => stream.push(null), LAST_WORDS_MS));
  return stream;
}

function refusal(through: SshHost, address: string, stderr: string): Error {
  const reason = /open failed: (.*)/.exec(stderr)?.[1];
  if (reason !== undefined) return new Error(`connect to ${address} through host ${through.name}: ${reason}`);
  return (
    hostFailure(through, stderr) ??
    new HostFailure(`connect to ${address} through host ${through.name}: ssh ended\n${lastLines(stderr)}`)
  );
}
