import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { pipeline } from "node:stream/promises";
import { apiServerOf, redirectKubeconfig } from "../plan/kubeconfig";
import type { Argv } from "../plan/step";
import { commandInReach, openStream, type Reach } from "./reach";

/** How programs of this machine, kubectl first, get to a cluster. */
export interface ClusterAccess {
  /** Text of the file to use. */
  readonly kubeconfig: string;
  readonly command: (command: Argv) => Argv;
}

/** Through a host the API server alone is reached, at a port of this machine that is there while `use` runs. */
export async function withClusterAccess<T>(
  reach: Reach,
  kubeconfig: string,
  use: (access: ClusterAccess) => Promise<T>,
): Promise<T> {
  if (reach.kind !== "ssh") return use({ kubeconfig, command: (command) => commandInReach(reach, command) });
  const forward = forwardTo(reach, apiServerOf(kubeconfig));
  const port = await listening(forward);
  try {
    return await use({ kubeconfig: redirectKubeconfig(kubeconfig, port), command: (command) => command });
  } finally {
    forward.close();
  }
}

/** kubectl sees a closed connection only; the reason is said beside it. */
const say = (error: unknown): void =>
  void process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);

function forwardTo(reach: Reach, target: { readonly host: string; readonly port: number }): Server {
  return createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => undefined);
    void carry(reach, target, socket);
  });
}

async function carry(
  reach: Reach,
  target: { readonly host: string; readonly port: number },
  socket: Socket,
): Promise<void> {
  try {
    const stream = await openStream(reach, target);
    stream.on("error", say);
    await Promise.allSettled([pipeline(socket, stream), pipeline(stream, socket)]);
  } catch (error) {
    say(error);
  } finally {
    socket.destroy();
  }
}

async function listening(server: Server): Promise<number> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("not listening");
  return address.port;
}
