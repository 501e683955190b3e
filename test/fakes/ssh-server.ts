import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect as dial } from "node:net";
import { Server, utils, type Connection, type ServerChannel } from "ssh2";
import { listenCuttable, portOf } from "./cuttable-listener";

/** A node as far as SSH goes: runs what it is told in this machine's own shell, or does with it what the test says. */
export interface FakeNode {
  readonly port: number;
  /** `ecdsa-sha2-nistp256 AAAA…` */
  readonly hostKey: string;
  readonly commands: string[];
  /** So far, and of these the ones that are there now. */
  connections(): { readonly made: number; readonly open: number };
  /** Cuts every connection, politely (FIN) or not (RST). */
  cut(how: "fin" | "rst"): void;
  close(): Promise<void>;
}

export type Behaviour = (command: string, channel: ServerChannel) => "handled" | "run";

/** ssh2 hides its sockets, so a relay in front of it is what gets cut. */
export async function startFakeNode(behaviour: Behaviour = () => "run"): Promise<FakeNode> {
  const keys = utils.generateKeyPairSync("ecdsa", { bits: 256 });
  const commands: string[] = [];
  let [made, closed] = [0, 0];
  const server = new Server({ hostKeys: [keys.private] }, (client: Connection) => {
    made += 1;
    client.on("error", () => undefined);
    client.on("close", () => (closed += 1));
    client.on("authentication", (request) => request.accept());
    client.on("session", (acceptSession) => {
      acceptSession().on("exec", (accept, _reject, { command }) => {
        commands.push(command);
        const channel = accept();
        channel.on("error", () => undefined);
        if (behaviour(command, channel) === "run") runHere(command, channel);
      });
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const relay = await listenCuttable((socket) => {
    const upstream = dial(portOf(server), "127.0.0.1");
    for (const each of [socket, upstream]) each.on("error", () => undefined);
    socket.on("close", () => upstream.destroy());
    socket.pipe(upstream).pipe(socket);
  });
  const [, key = ""] = keys.public.split(" ");
  return {
    port: relay.port,
    hostKey: `ecdsa-sha2-nistp256 ${key}`,
    commands,
    connections: () => ({ made, open: made - closed }),
    cut: (how) => relay.cut(how),
    close: async () => {
      await Promise.all([relay.close(), new Promise<void>((resolve) => server.close(() => resolve()))]);
    },
  };
}

function runHere(command: string, channel: ServerChannel): void {
  const child = spawn("sh", ["-c", command], { stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.on("error", () => undefined);
  channel.pipe(child.stdin);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  child.on("close", (code, signal) => {
    if (signal === null) channel.exit(code ?? 0);
    else channel.exit(signal.replace("SIG", ""), false, "");
    channel.end();
  });
}

export const clientKey = (): string => utils.generateKeyPairSync("ecdsa", { bits: 256 }).private;
