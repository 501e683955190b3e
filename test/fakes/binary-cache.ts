import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { portOf } from "./cuttable-listener";

/** A binary cache as far as Nix asks one: the files of a folder, by HTTP. */
export interface BinaryCache {
  readonly url: string;
  /** Paths, in the order in which they were asked for. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

export async function serveBinaryCache(folder: string): Promise<BinaryCache> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://cache").pathname;
    asked.push(path);
    readFile(join(folder, path)).then(
      (content) => response.end(content),
      () => response.writeHead(404).end(),
    );
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    asked,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
