import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { connect as dial, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { ConnectionLost, StepTimeout } from "../../drivers/errors";
import { HostKeyMismatch, sshRunner, type SshRunner, type SshRunnerOptions } from "../../drivers/ssh-runner";
import { Secret } from "../../plan/secret";
import { portOf } from "../fakes/cuttable-listener";
import { clientKey, startFakeNode, type Behaviour, type FakeNode } from "../fakes/ssh-server";

let node: FakeNode;
let runner: SshRunner;
const privateKey = clientKey();

const optionsOf = ({ port, hostKey }: FakeNode): SshRunnerOptions => ({
  machine: "worker-0",
  address: "127.0.0.1",
  port,
  reach: { kind: "direct" },
  hostKey,
  privateKey: new Secret(privateKey),
  user: "root",
  connectSeconds: 60,
});

async function start(behaviour?: Behaviour, options: Partial<SshRunnerOptions> = {}): Promise<void> {
  node = await startFakeNode(behaviour);
  runner = sshRunner({ ...optionsOf(node), ...options });
}

afterEach(async () => {
  runner.close();
  await node.close();
});

const refusal = (): Promise<unknown> => runner.run(["true"]).catch((error: unknown) => error);

const closed = async (): Promise<void> => {
  while (node.connections().open > 0) await new Promise((resolve) => setTimeout(resolve, 20));
};

/** A machine that was reset: it has taken the other side's goodbye, and never says its own. */
async function startMuteRelay(port: number) {
  const sockets: Socket[] = [];
  let isGone = false;
  const relay = createServer({ allowHalfOpen: true }, (socket) => {
    const upstream = dial({ host: "127.0.0.1", port, allowHalfOpen: true });
    sockets.push(socket, upstream);
    socket.on("error", () => (isGone = true));
    upstream.on("error", () => undefined);
    socket.pipe(upstream, { end: false }).pipe(socket, { end: false });
  });
  await once(relay.listen(0, "127.0.0.1"), "listening");
  return {
    port: portOf(relay),
    /** Whoever is still there takes what is sent; a kernel without a socket for it answers by a reset. */
    isHeard(): boolean {
      sockets[0]?.write("x");
      return !isGone;
    },
    hangUp(): void {
      relay.close();
      sockets.forEach((socket) => socket.destroy());
    },
  };
}

it("hangs up on a machine that does not end its side, so that nothing waits for it", async () => {
  await start();
  const relay = await startMuteRelay(node.port);
  try {
    runner = sshRunner({ ...optionsOf(node), port: relay.port });
    await runner.run(["true"]);
    expect(relay.isHeard()).toBe(true);
    runner.close();
    for (let look = 0; look < 60 && relay.isHeard(); look += 1) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(relay.isHeard()).toBe(false);
  } finally {
    relay.hangUp();
  }
});

describe("a program on a node", () => {
  it("gives its output and exit code, over one connection for many", async () => {
    await start();
    expect(await runner.run(["sh", "-c", "echo out; echo err >&2; exit 3"])).toEqual({
      exitCode: 3,
      stdout: "out\n",
      stderr: "err\n",
    });
    const many = await Promise.all([1, 2, 3].map((n) => runner.run(["echo", String(n)])));
    expect(many.map(({ stdout }) => stdout)).toEqual(["1\n", "2\n", "3\n"]);
  });

  it("gets its words as they are, whatever is in them", async () => {
    await start();
    const words = ["a b", "it's", '"$HOME" `id` \\', "*", "ä\n"];
    const { stdout } = await runner.run(["printf", "[%s]", ...words]);
    expect(stdout).toBe(words.map((word) => `[${word}]`).join(""));
  });

  it("reads its standard input to the end, and gives megabytes back with no character broken", async () => {
    await start();
    const text = "ä€😀".repeat(150_000);
    const chunks: string[] = [];
    const { stdout } = await runner.run(["cat"], { stdin: text, onOutput: (chunk) => chunks.push(chunk) });
    expect(stdout === text).toBe(true);
    expect(chunks.length).toBeGreaterThan(1);
  });

  it("was killed by a signal: that is an exit code, and no lost connection", async () => {
    await start();
    expect((await runner.run(["sh", "-c", "kill -9 $$"])).exitCode).toBeGreaterThan(127);
  });

  it("is ended on the node when its deadline passes", async () => {
    await start();
    const started = performance.now();
    const error: unknown = await runner
      .run(["sleep", "60"], { deadlineSeconds: 1 })
      .catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(StepTimeout);
    expect(String(error)).toMatch(/worker-0: sleep did not finish: waited 1 s for sleep 60/);
    expect(performance.now() - started).toBeLessThan(4000);
    expect(node.commands).toEqual(["timeout -k 5 1 sleep 60"]);
  });

  it("is let go on demand", async () => {
    await start();
    const controller = new AbortController();
    const running = runner.run(["sleep", "60"], { signal: controller.signal });
    setTimeout(() => controller.abort(new Error("enough")), 200);
    await expect(running).rejects.toThrow("enough");
  });

  it("is not begun when it is let go while its machine is being connected", async () => {
    await start();
    const controller = new AbortController();
    const running = runner.run(["sleep", "60"], { signal: controller.signal });
    setImmediate(() => controller.abort(new Error("enough")));
    await expect(running).rejects.toThrow("enough");
    expect(node.commands).toEqual([]);
  });
});

describe("a connection", () => {
  it("is one for all runs that come at once, when nobody is connected yet and when it was lost", async () => {
    await start();
    const atOnce = () => Promise.all([1, 2, 3, 4, 5, 6].map((n) => runner.run(["echo", String(n)])));
    expect((await atOnce()).map(({ stdout }) => stdout)).toEqual(["1\n", "2\n", "3\n", "4\n", "5\n", "6\n"]);
    expect(node.connections()).toEqual({ made: 1, open: 1 });
    node.cut("fin");
    await closed();
    await atOnce();
    expect(node.connections()).toEqual({ made: 2, open: 1 });
    runner.close();
    await closed();
  });

  it("that cannot be made is one failure for all runs that waited for it, and the next run tries again", async () => {
    await start(undefined, { hostKey: "ecdsa-sha2-nistp256 AAAA" });
    const [first, second] = await Promise.all([refusal(), refusal()]);
    expect(first).toBeInstanceOf(HostKeyMismatch);
    expect(second).toBe(first);
    expect(node.connections().made).toBe(1);
    expect(await refusal()).not.toBe(first);
    expect(node.connections().made).toBe(2);
  });

  it("that is being made when the runner is closed is given up, and no run makes another", async () => {
    await start();
    const running = refusal();
    while (node.connections().made === 0) await new Promise(setImmediate);
    runner.close();
    expect(String(await running)).toContain("worker-0: connection lost during work that had ended");
    await expect(runner.run(["true"])).rejects.toThrow("worker-0: connection lost during work that had ended");
    await closed();
    expect(node.connections().made).toBe(1);
    expect(node.commands).toEqual([]);
  });

  it.each(["fin", "rst"] as const)("that goes away by %s while a program runs is told as such", async (how) => {
    await start((_command, channel) => {
      channel.write("partial\n");
      setTimeout(() => node.cut(how), 50);
      return "handled";
    });
    const error: unknown = await runner.run(["kubeadm", "join"]).catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(ConnectionLost);
    expect(String(error)).toMatch(/worker-0: connection lost during kubeadm join/);
  });

  it.each(["fin", "rst"] as const)("that goes away by %s while it is idle is made again", async (how) => {
    await start();
    await runner.run(["true"]);
    node.cut(how);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await runner.run(["echo", "again"])).stdout).toBe("again\n");
  });

  it("to a peer that never answers is let go on demand", async () => {
    await start(() => "handled", { keepaliveSeconds: 0.1 });
    const error: unknown = await runner
      .run(["hang"], { signal: AbortSignal.timeout(300) })
      .catch((failure: unknown) => failure);
    expect(String(error)).toMatch(/timeout/);
  });

  it("is refused when another key answers, and says which", async () => {
    await start();
    const other = await startFakeNode();
    await other.close();
    runner.close();
    runner = sshRunner({
      machine: "worker-0",
      address: "127.0.0.1",
      port: node.port,
      reach: { kind: "direct" },
      hostKey: other.hostKey,
      privateKey: new Secret(privateKey),
      user: "root",
      connectSeconds: 60,
    });
    const error: unknown = await runner.run(["true"]).catch((failure: unknown) => failure);
    expect(String(error)).toContain("another host key than its guest agent told");
    expect(String(error)).toContain(other.hostKey.split(" ")[1]);
    expect(node.commands).toEqual([]);
  });

  it("tells no secret in any error", async () => {
    await start(undefined, { privateKey: new Secret("-----BEGIN OPENSSH PRIVATE KEY-----\nnonsense\n") });
    const error: unknown = await runner.run(["true"]).catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(ConnectionLost);
    expect(inspect(error, { depth: 9 })).not.toContain("nonsense");
  });
});

it("ends with its signal, also while a connection is being made to somebody who says nothing", async () => {
  const mute = createServer().listen(0, "127.0.0.1");
  await once(mute, "listening");
  const address = mute.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  await start(undefined, { port, signal: AbortSignal.timeout(200) });
  await expect(runner.run(["true"])).rejects.toMatchObject({ name: "TimeoutError" });
  mute.close();
}, 5000);

describe("a file", () => {
  const directory = mkdtempSync(join(tmpdir(), "ssh-runner-"));
  afterAll(() => rmSync(directory, { recursive: true }));

  it("appears whole, with its mode, and its content in no argument list", async () => {
    await start();
    const path = join(directory, "new folder/a file");
    const content = "token: abc\nno newline at the end";
    await runner.writeFile(path, content, 0o600);
    expect(readFileSync(path, "utf8")).toBe(content);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(node.commands.join()).not.toContain("token");
    await runner.writeFile(path, "other", 0o644);
    expect(statSync(path).mode & 0o777).toBe(0o644);
  });
});
