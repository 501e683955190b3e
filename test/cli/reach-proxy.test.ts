import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runLocally } from "../../drivers/local-runner";
import { startFakeHost, type FakeHost } from "../fakes/ssh-host";

/** What ssh calls to get to a node, as it is built. */

const PROGRAM = join(__dirname, "../../bin/cli/reach-proxy.js");

let directory: string;
let host: FakeHost;
let node: Server;
let port: number;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "reach-proxy-"));
  host = await startFakeHost({ directory });
  node = createServer({ allowHalfOpen: true }, (socket) => {
    socket.write("SSH-2.0-node\n");
    socket.on("end", () => socket.end("bye\n")).resume();
  });
  await once(node.listen(0, "127.0.0.1"), "listening");
  const address = node.address();
  port = typeof address === "object" && address !== null ? address.port : 0;
});

afterEach(async () => {
  await host.close();
  if (node.listening) await new Promise((resolve) => node.close(resolve));
  rmSync(directory, { recursive: true });
});

const proxy = (environment: Readonly<Record<string, string>> = {}) => {
  const uri = `qemu+ssh://me@127.0.0.1:${host.port}/system?known_hosts=${host.knownHosts}&keyfile=${host.keyFile}`;
  return runLocally([process.execPath, PROGRAM, uri, "127.0.0.1", String(port)], { environment });
};

it("carries a node's words through its host", async () => {
  expect(await proxy()).toEqual({ exitCode: 0, stdout: "SSH-2.0-node\nbye\n", stderr: "" });
});

it("needs no login shell of its user, whom ssh would have it run what we ask of it by", async () => {
  expect(await proxy({ SHELL: "/bin/false" })).toMatchObject({ exitCode: 0, stdout: "SSH-2.0-node\nbye\n" });
});

it("says which node refused, and through which host", async () => {
  await new Promise((resolve) => node.close(resolve));
  const { exitCode, stderr } = await proxy();
  expect({ exitCode, stderr }).toEqual({
    exitCode: 1,
    stderr: expect.stringMatching(`^connect to 127.0.0.1:${port} through host 127.0.0.1: `),
  });
});
