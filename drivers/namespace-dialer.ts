import { spawn, type ChildProcess } from "node:child_process";
import { Socket } from "node:net";
import { lastLines, ReplikubeError } from "./errors";

/**
 * Connects inside a network namespace. A thread of Node cannot enter one, so a child there dials, and hands every connected
 * socket over its channel: what comes back is an ordinary socket of this process, with nothing in between.
 */

/** Source of the child. It ends with its parent, whose end closes the channel. */
const DIALER = `
const { connect } = require("node:net");
const open = new Map();
process.on("disconnect", () => process.exit());
process.on("message", ({ id, host, port, giveUp }) => {
  if (giveUp) return void open.get(id)?.destroy();
  const socket = connect({ host, port, allowHalfOpen: true });
  open.set(id, socket);
  socket.pause(); // what the peer says first has to wait in the kernel for whoever gets the socket
  socket.on("close", () => open.delete(id));
  socket.on("error", ({ message, code }) => process.connected && process.send({ id, error: { message, code } }));
  socket.on("connect", () => process.connected && process.send({ id }, socket));
});
`;

interface Reply {
  readonly id: number;
  readonly error?: { readonly message: string; readonly code: string };
}

interface Waiting {
  readonly resolve: (socket: Socket) => void;
  readonly reject: (error: Error) => void;
}

interface DialOptions {
  readonly host: string;
  readonly port: number;
  readonly signal?: AbortSignal;
}

/** One child for each namespace, as long as this process lives; it does not keep this process alive. */
const dialers = new Map<string, Dialer>();

export function dialInNamespace(path: string, options: DialOptions): Promise<Socket> {
  const dialer = dialers.get(path) ?? new Dialer(path);
  dialers.set(path, dialer);
  return dialer.dial(options);
}

class Dialer {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #stderr = "";

  constructor(readonly path: string) {
    // Nothing of this process's environment: it may hold secrets, and options meant for this Node alone.
    this.#child = spawn("nsenter", [`--net=${path}`, "--", process.execPath, "-e", DIALER], {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      env: { PATH: process.env["PATH"] },
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.#stderr += text));
    this.#child.on("message", (reply: Reply, socket) => this.#settle(reply, socket));
    this.#child.on("error", (error) => this.#end(error.message));
    this.#child.on("close", (code) => this.#end(`left with code ${code}\n${lastLines(this.#stderr)}`));
    this.#child.unref();
    if (this.#child.stderr instanceof Socket) this.#child.stderr.unref();
  }

  async dial({ host, port, signal }: DialOptions): Promise<Socket> {
    const id = (this.#lastId += 1);
    const giveUp = (): void => {
      this.#child.send({ id, giveUp: true });
      this.#reject(id, new Error(`connect to ${host}:${port} in ${this.path}: given up`, { cause: signal?.reason }));
    };
    signal?.addEventListener("abort", giveUp, { once: true });
    try {
      return await new Promise<Socket>((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject });
        this.#keepAlive();
        this.#child.send({ id, host, port }, (error) => {
          if (error !== null) this.#child.once("close", () => reject(error)); // its own reason comes first
        });
      });
    } finally {
      signal?.removeEventListener("abort", giveUp);
    }
  }

  #settle({ id, error }: Reply, handle: unknown): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) {
      if (handle instanceof Socket) handle.destroy(); // given up while it was on its way
    } else if (handle instanceof Socket) {
      handle.allowHalfOpen = true;
      this.#forget(id);
      waiting.resolve(handle);
    } else {
      this.#reject(id, Object.assign(new Error(error?.message ?? "no socket came back"), { code: error?.code }));
    }
  }

  #reject(id: number, error: Error): void {
    const waiting = this.#waiting.get(id);
    this.#forget(id);
    waiting?.reject(error);
  }

  #end(why: string): void {
    if (dialers.get(this.path) === this) dialers.delete(this.path);
    for (const id of this.#waiting.keys()) {
      this.#reject(
        id,
        new ReplikubeError(
          `host: cannot dial in network namespace ${this.path}: ${why}\nnext: is the embedded host running? ./lab doctor`,
        ),
      );
    }
  }

  #forget(id: number): void {
    this.#waiting.delete(id);
    this.#keepAlive();
  }

  #keepAlive(): void {
    if (this.#waiting.size > 0) this.#child.channel?.ref();
    else this.#child.channel?.unref();
  }
}
