import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { buffer } from "node:stream/consumers";
import { commandInReach, openStream, reachOf, type Reach } from "../../drivers/reach";
import { processesInNamespace } from "../../drivers/namespace-processes";
import { embeddedHostLayout } from "../../plan/embedded-host";

const name = `replikube-test-${process.pid}`;
const inNamespace: Reach = { kind: "namespace", name, path: `/run/netns/${name}` };
const ADDRESS = "10.77.99.1";

/** Listens inside the namespace: greets, echoes until the end of its input, then says goodbye. `reset` cuts the line. */
const SERVER = `
require("node:net").createServer({ allowHalfOpen: true }, (socket) => {
  socket.write("hello\\n");
  socket.on("error", () => undefined);
  socket.on("data", (data) => String(data) === "reset" ? socket.resetAndDestroy() : socket.write(data));
  socket.on("end", () => socket.end("goodbye\\n"));
}).listen(2222, "${ADDRESS}", () => console.log("listening"));
`;

let server: ChildProcess;

beforeAll(async () => {
  execFileSync("ip", ["netns", "add", name]);
  execFileSync("ip", ["-n", name, "link", "set", "lo", "up"]);
  execFileSync("ip", ["-n", name, "address", "add", `${ADDRESS}/32`, "dev", "lo"]);
  const [program, ...args] = commandInReach(inNamespace, [process.execPath, "-e", SERVER]);
  server = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  if (server.stdout !== null) await once(server.stdout, "data");
});

afterAll(() => {
  server.kill();
  execFileSync("ip", ["netns", "delete", name]);
});

const greeting = async (stream: Duplex): Promise<string> => {
  const [data]: unknown[] = await once(stream, "data");
  return String(data);
};

describe("a stream into a namespace", () => {
  it("carries bytes both ways, the peer's first ones included", async () => {
    const stream = await openStream(inNamespace, { host: ADDRESS, port: 2222 });
    expect(await greeting(stream)).toBe("hello\n");
    stream.write("ping");
    expect(await greeting(stream)).toBe("ping");
    stream.destroy();
  });

  it("reads on after its own end", async () => {
    const stream = await openStream(inNamespace, { host: ADDRESS, port: 2222 });
    const all = buffer(stream);
    const block = Buffer.alloc(1 << 20, "x");
    stream.end(block);
    const received = await all;
    expect(received.length).toBe("hello\n".length + block.length + "goodbye\n".length);
    expect(received.subarray(-8).toString()).toBe("goodbye\n");
  });

  it("says which address refused", async () => {
    await expect(openStream(inNamespace, { host: ADDRESS, port: 9 })).rejects.toMatchObject({
      code: "ECONNREFUSED",
      message: `connect ECONNREFUSED ${ADDRESS}:9`,
    });
  });

  it("says which address has no route", async () => {
    await expect(openStream(inNamespace, { host: "10.77.98.1", port: 22 })).rejects.toMatchObject({
      code: "ENETUNREACH",
      message: expect.stringContaining("10.77.98.1:22"),
    });
  });

  it("passes on that the peer cut the line", async () => {
    const stream = await openStream(inNamespace, { host: ADDRESS, port: 2222 });
    await greeting(stream);
    stream.write("reset");
    const [error]: unknown[] = await once(stream, "error");
    expect(error).toMatchObject({ code: "ECONNRESET" });
  });

  it("is given up on demand", async () => {
    const controller = new AbortController();
    const opening = openStream(inNamespace, { host: ADDRESS, port: 2222, signal: controller.signal });
    controller.abort();
    await expect(opening).rejects.toThrow("given up");
    await expect(openStream(inNamespace, { host: ADDRESS, port: 2222, signal: controller.signal })).rejects.toThrow(
      "aborted",
    );
  });

  it("opens many at once", async () => {
    const target = { host: ADDRESS, port: 2222 };
    const streams = await Promise.all(Array.from({ length: 20 }, async () => openStream(inNamespace, target)));
    expect(new Set(await Promise.all(streams.map(greeting)))).toEqual(new Set(["hello\n"]));
    for (const stream of streams) stream.destroy();
  });

  it("does not outlive the process that opened it", async () => {
    // As it is built: plain Node takes no parameter properties and no imports without an ending.
    const source = join(__dirname, "../../bin/drivers/namespace-dialer.js");
    const script = `require(${JSON.stringify(source)}).dialInNamespace("${inNamespace.path}", { host: "${ADDRESS}", port: 2222 }).then(() => { console.log("open"); setTimeout(() => 0, 60000); });`;
    const before = processesInNamespace(inNamespace.path).length;
    const opener = spawn(process.execPath, ["--no-warnings", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
    await once(opener.stdout, "data");
    expect(processesInNamespace(inNamespace.path).length).toBe(before + 1);
    opener.kill("SIGKILL");
    await once(opener, "exit");
    while (processesInNamespace(inNamespace.path).length > before)
      await new Promise((resolve) => setTimeout(resolve, 10));
  });

  it("says so when the namespace is not there", async () => {
    const missing: Reach = { kind: "namespace", name: "gone", path: "/run/netns/gone" };
    await expect(openStream(missing, { host: ADDRESS, port: 22 })).rejects.toThrow(
      /cannot dial in network namespace \/run\/netns\/gone: left with code 1\n.*No such file or directory/,
    );
  });
});

describe("a direct stream", () => {
  it("reads on after its own end, and says which address refused", async () => {
    const listener = createServer({ allowHalfOpen: true }, (socket) =>
      socket.on("end", () => socket.end("goodbye")).resume(),
    );
    await once(listener.listen(0, "127.0.0.1"), "listening");
    const address = listener.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const stream = await openStream({ kind: "direct" }, { host: "127.0.0.1", port });
    stream.end("ping");
    expect(String(await buffer(stream))).toBe("goodbye");
    await new Promise((resolve) => listener.close(resolve));
    await expect(openStream({ kind: "direct" }, { host: "127.0.0.1", port })).rejects.toMatchObject({
      code: "ECONNREFUSED",
      message: expect.stringContaining(`127.0.0.1:${port}`),
    });
  });
});

describe("reachOf", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "reach-"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));
  const uri = (): string => embeddedHostLayout(directory).uri;

  it("goes directly to the guests of any other libvirt", () => {
    expect(reachOf("qemu:///system")).toEqual({ kind: "direct" });
    mkdirSync(join(directory, "run"));
    expect(existsSync(directory)).toBe(true);
    expect(reachOf(uri())).toEqual({ kind: "direct" });
  });

  it("goes by the namespace that the embedded host's record names", () => {
    const record = {
      schema: 1,
      uri: uri(),
      namespace: "replikube-01234567",
      libvirtdPid: 1,
      libvirtdStartTime: "1",
      kvm: false,
      startedAt: "",
    };
    writeFileSync(join(directory, "host.json"), JSON.stringify(record));
    expect(reachOf(uri())).toEqual({
      kind: "namespace",
      name: "replikube-01234567",
      path: "/run/netns/replikube-01234567",
    });
  });

  it("never looks for a stopped host's guests in the machine's own network", () => {
    writeFileSync(join(directory, "lock"), "");
    expect(reachOf(uri())).toMatchObject({ kind: "namespace", name: embeddedHostLayout(directory).namespace });
    expect(reachOf("qemu+unix:///system?socket=/run/replikube-01234567/run/libvirt-sock")).toMatchObject({
      name: "replikube-01234567",
    });
  });
});

it("runs a command where the guests are", () => {
  expect(commandInReach({ kind: "direct" }, ["kubectl", "get", "nodes"])).toEqual(["kubectl", "get", "nodes"]);
  expect(commandInReach(inNamespace, ["kubectl"])).toEqual(["nsenter", `--net=${inNamespace.path}`, "--", "kubectl"]);
});
