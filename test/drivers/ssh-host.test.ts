import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { runLocally } from "../../drivers/local-runner";
import { commandInReach, openStream, reachOf, type Reach } from "../../drivers/reach";
import { sshRunner } from "../../drivers/ssh-runner";
import { virshFor } from "../../drivers/virsh";
import { fingerprintOf } from "../../plan/ssh-failures";
import { Secret } from "../../plan/secret";
import { hostKeyPair, knownHostsLine, startFakeHost, type FakeHost } from "../fakes/ssh-host";
import { clientKey, startFakeNode } from "../fakes/ssh-server";

// Every connection is a program that starts and a handshake, on a host that may be busy with guests.
jest.setTimeout(60_000);

/** The machine's own ssh against a host of the test's own: what gets through it, and what is said when nothing does. */

let directory: string;
let host: FakeHost;
let guest: Server;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "ssh-host-"));
  host = await startFakeHost({ directory });
  guest = createServer({ allowHalfOpen: true }, (socket) => {
    socket.write("hello\n");
    socket.on("error", () => undefined);
    socket.on("data", (data) => socket.write(data));
    socket.on("end", () => socket.end("goodbye\n"));
  });
  await once(guest.listen(0, "127.0.0.1"), "listening");
});

afterEach(async () => {
  await host.close();
  await new Promise((resolve) => guest.close(resolve));
  rmSync(directory, { recursive: true });
});

const uri = (
  changes: { readonly knownHosts?: string; readonly keyFile?: string; readonly port?: number } = {},
): string => {
  const { knownHosts, keyFile, port } = { ...host, ...changes };
  return `qemu+ssh://somebody@127.0.0.1:${port}/system?known_hosts=${knownHosts}&keyfile=${keyFile}`;
};
const reach = (...changes: Parameters<typeof uri>): Reach => reachOf(uri(...changes));
const guestPort = (): number => {
  const address: string | AddressInfo | null = guest.address();
  return typeof address === "object" && address !== null ? address.port : 0;
};
const target = () => ({ host: "127.0.0.1", port: guestPort() });
const refusalOf = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    () => "no error",
    (reason: unknown) => reason,
  );
  return error instanceof Error ? error.message : String(error);
};

describe("a stream through a host", () => {
  it("carries bytes both ways, and reads on after its own end", async () => {
    const stream = await openStream(reach(), target());
    const all = buffer(stream);
    const block = Buffer.alloc(1 << 20, "x");
    stream.end(block);
    const received = await all;
    expect(received.length).toBe("hello\n".length + block.length + "goodbye\n".length);
    expect(received.subarray(-8).toString()).toBe("goodbye\n");
    expect(host.dialled).toEqual([`127.0.0.1:${guestPort()}`]);
  });

  it("carries a node's SSH", async () => {
    const node = await startFakeNode();
    const runner = sshRunner({
      machine: "worker-0",
      address: "127.0.0.1",
      port: node.port,
      reach: reach(),
      hostKey: node.hostKey,
      privateKey: new Secret(clientKey()),
      user: "root",
      connectSeconds: 60,
    });
    expect(await runner.run(["echo", "from the node"])).toMatchObject({ exitCode: 0, stdout: "from the node\n" });
    // A dropped host is a lost connection, and the next run makes another.
    host.cut();
    const again = async (): Promise<string> => (await runner.run(["echo", "again"])).stdout;
    expect(await again().catch(again)).toBe("again\n");
    runner.close();
    await node.close();
  });

  it("says which address refused, and through which host", async () => {
    const { port } = target();
    await new Promise((resolve) => guest.close(resolve));
    const stream = await openStream(reach(), { host: "127.0.0.1", port });
    const [error]: unknown[] = await once(stream, "error");
    expect(error).toMatchObject({
      message: expect.stringMatching(`connect to 127.0.0.1:${port} through host 127.0.0.1: `),
    });
  });

  it("ends with an error that says so when the host goes away", async () => {
    const stream = await openStream(reach(), target());
    await once(stream, "data");
    host.cut();
    const [error]: unknown[] = await once(stream, "error");
    expect(error).toMatchObject({
      name: "HostFailure",
      message: expect.stringMatching(
        /^host somebody@127\.0\.0\.1:\d+: the connection was lost: .*\nnext: run the same/,
      ),
    });
  });

  it("is given up on demand, and leaves no connection behind", async () => {
    const silent = createServer((socket) => void socket.resume());
    await once(silent.listen(0, "127.0.0.1"), "listening");
    const address = silent.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const signal = AbortSignal.timeout(200);
    expect(await refusalOf(openStream(reach({ port }), { ...target(), signal }))).toContain("given up");
    await new Promise((resolve) => silent.close(resolve));
  });
});

describe("a host that is not let in", () => {
  const attempts: readonly (readonly [string, (changes: Parameters<typeof uri>[0]) => Promise<unknown>])[] = [
    ["a stream", (changes) => openStream(reach(changes), target())],
    ["virsh", (changes) => virshFor(uri(changes)).run(["list"])],
  ];

  it.each(attempts)("by %s: a key that nobody knows", async (_name, attempt) => {
    const knownHosts = join(directory, "empty");
    writeFileSync(knownHosts, "");
    const message = await refusalOf(attempt({ knownHosts }));
    expect(message).toMatch(/^host somebody@127\.0\.0\.1:\d+: ssh: its host key is not in .*\/empty; nothing was sent/);
    expect(message).toContain("next: ask its owner, compare the fingerprint");
    expect(host.commands).toEqual([]);
  });

  it.each(attempts)("by %s: a key that has changed, with both fingerprints", async (_name, attempt) => {
    const [old, now] = [hostKeyPair().public, host.knownHosts];
    const knownHosts = join(directory, "old");
    writeFileSync(knownHosts, `# a comment\n${knownHostsLine(host.port, old)}`);
    const message = await refusalOf(attempt({ knownHosts }));
    expect(message).toMatch(/: ssh: its host key has changed; nothing was sent to it\n/);
    expect(message).toContain(`expected: ${fingerprintOf(` ${old}`)} (${knownHosts}:2)`);
    const { stdout } = await runLocally(["ssh-keygen", "-lf", now]);
    expect(message).toContain(`got:      ${stdout.split(" ")[1]}\n`);
    expect(host.commands).toEqual([]);
  });

  it.each(attempts)("by %s: a login that the host refuses", async (_name, attempt) => {
    const keyFile = join(directory, "another-key");
    await runLocally(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", keyFile]);
    expect(await refusalOf(attempt({ keyFile }))).toMatch(/: ssh: it lets nobody in with the keys that were offered\n/);
  });

  it.each(attempts)("by %s: nobody there", async (_name, attempt) => {
    const { port } = host;
    await host.close();
    expect(await refusalOf(attempt({ port }))).toMatch(/: ssh: cannot be reached: ssh: connect to host .* refused/);
    host = await startFakeHost({ directory: mkdtempSync(join(directory, "again-")) });
  });
});

it("never takes a lost connection for a libvirt object that is not there", async () => {
  const running = virshFor(uri()).run(["domuuid", "any"]);
  while (host.commands.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  host.cut();
  expect(await refusalOf(running)).toMatch(/^host somebody@.*: the connection was lost: /);
});

it("runs a command on the host", async () => {
  const { exitCode, stdout } = await runLocally(commandInReach(reach(), ["echo", "a b", "$HOME"]));
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "a b $HOME\n" });
  expect(host.commands).toEqual(["echo 'a b' '$HOME'"]);
});
