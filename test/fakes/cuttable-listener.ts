import { once } from "node:events";
import { createServer, type Socket } from "node:net";

/** A port of this machine whose connections can all be cut. Servers of libraries hide their sockets. */
export interface CuttableListener {
  readonly port: number;
  /** Cuts every connection, politely (FIN) or not (RST); how many there were. */
  cut(how: "fin" | "rst"): number;
  close(): Promise<void>;
}

export const portOf = (server: { address(): unknown }): number => {
  const address = server.address();
  if (typeof address === "object" && address !== null && "port" in address) return Number(address.port);
  throw new Error("not listening");
};

export async function listenCuttable(accept: (socket: Socket) => void): Promise<CuttableListener> {
  const sockets = new Set<Socket>();
  // Without delay: OpenSSH's server has none either.
  const listener = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    accept(socket);
  });
  await once(listener.listen(0, "127.0.0.1"), "listening");
  return {
    port: portOf(listener),
    cut: (how) => {
      for (const socket of sockets) {
        if (how === "rst") socket.resetAndDestroy();
        else socket.end();
      }
      return sockets.size;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}
