import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { connect as dial } from "node:net";
import { join } from "node:path";
import { Transform, type Duplex } from "node:stream";
import { Server, utils, type AuthContext, type Connection } from "ssh2";
import { listenCuttable } from "./cuttable-listener";

/**
 * A libvirt host as far as SSH goes: ssh2's server with a host key, one user key and a known_hosts of its own. What it runs and
 * where it dials is the test's to say, e.g. in the namespace of an embedded host.
 */
export interface FakeHost {
  readonly port: number;
  /** Parameters of a libvirt URI: the user's key, and the file that the host's key is in. */
  readonly keyFile: string;
  readonly knownHosts: string;
  readonly commands: string[];
  readonly dialled: string[];
  /** Cuts every connection. */
  cut(): void;
  /** What comes in from now on, in bytes per second for each connection. */
  slowDown(bytesPerSecond: number): void;
  close(): Promise<void>;
}

export interface FakeHostOptions {
  /** For the keys and known_hosts. */
  readonly directory: string;
  readonly program?: (command: string) => readonly [string, ...string[]];
  readonly dial?: (host: string, port: number) => Promise<Duplex>;
}

const dialHere = async (host: string, port: number): Promise<Duplex> => {
  const socket = dial({ host, port, allowHalfOpen: true });
  await once(socket, "connect");
  return socket;
};

/** A line that carries so much and no more; Infinity: at once. */
const line = (bytesPerSecond: () => number): Transform =>
  new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const milliseconds = (chunk.length / bytesPerSecond()) * 1000;
      if (milliseconds === 0) done(null, chunk);
      else setTimeout(() => done(null, chunk), milliseconds);
    },
  });

/** `file`, and `file.pub` beside it. */
export const makeKey = (file: string): void =>
  void execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file]);

/** A key in known_hosts as if the host had been seen with it. */
export const knownHostsLine = (port: number, publicKey: string): string => `[127.0.0.1]:${port} ${publicKey}\n`;

export const hostKeyPair = (): { readonly private: string; readonly public: string } =>
  utils.generateKeyPairSync("ecdsa", { bits: 256 });

export async function startFakeHost(options: FakeHostOptions): Promise<FakeHost> {
  const { directory, program = (command) => ["sh", "-c", command], dial: dialGuest = dialHere } = options;
  const keyFile = join(directory, "user-key");
  makeKey(keyFile);
  const user = utils.parseKey(readFileSync(`${keyFile}.pub`));
  if (user instanceof Error) throw user;
  const host = hostKeyPair();
  const commands: string[] = [];
  const dialled: string[] = [];
  let bytesPerSecond = Infinity;

  const isUser = (context: AuthContext): boolean => {
    if (context.method !== "publickey" || !context.key.data.equals(user.getPublicSSH())) return false;
    const { signature, blob } = context;
    return signature === undefined || blob === undefined || user.verify(blob, signature, context.hashAlgo);
  };
  const server = new Server({ hostKeys: [host.private] }, (client: Connection) => {
    client.on("error", () => undefined);
    client.on("authentication", (context) => (isUser(context) ? context.accept() : context.reject(["publickey"])));
    client.on("tcpip", (accept, reject, { destIP, destPort }) => {
      dialled.push(`${destIP}:${destPort}`);
      const carry = async (): Promise<void> => {
        const guest = await dialGuest(destIP, destPort);
        const channel = accept();
        for (const each of [guest, channel]) each.on("error", () => undefined);
        channel.on("close", () => guest.destroy());
        guest.on("close", () => channel.close());
        channel.pipe(guest).pipe(channel);
      };
      carry().catch(() => reject());
    });
    client.on("session", (acceptSession) => {
      acceptSession().on("exec", (accept, _reject, { command }) => {
        commands.push(command);
        const channel = accept();
        const [file, ...args] = program(command);
        // Jest's process.env is a copy, which spawn does not know by itself.
        const child = spawn(file, args, { stdio: ["pipe", "pipe", "pipe"], env: process.env });
        for (const each of [channel, child.stdin]) each.on("error", () => undefined);
        channel.pipe(line(() => bytesPerSecond)).pipe(child.stdin);
        child.stdout.pipe(channel, { end: false });
        child.stderr.pipe(channel.stderr, { end: false });
        channel.on("close", () => child.kill());
        child.on("close", (code) => {
          channel.exit(code ?? 1);
          channel.end();
        });
      });
    });
  });
  const listener = await listenCuttable((socket) => server.injectSocket(socket));
  const { port } = listener;
  const knownHosts = join(directory, "known_hosts");
  writeFileSync(knownHosts, knownHostsLine(port, host.public));
  return {
    port,
    keyFile,
    knownHosts,
    commands,
    dialled,
    cut: () => listener.cut("rst"),
    slowDown: (rate) => {
      bytesPerSecond = rate;
    },
    close: () => listener.close(),
  };
}
