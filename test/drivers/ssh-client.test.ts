import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Server } from "ssh2";
import { runLocally } from "../../drivers/local-runner";
import type { CommandResult } from "../../drivers/runner";
import { withSshClient, type SshAccess } from "../../drivers/ssh-client";
import { Secret } from "../../plan/secret";
import type { SshTarget } from "../../plan/ssh-client";

/** The real OpenSSH client against an SSH server of our own, reached as a node is: through a proxy command. */

const directory = mkdtempSync(join(tmpdir(), "ssh-client-"));

function keyPair(name: string): { readonly path: string; readonly privateKey: string; readonly publicKey: string } {
  const path = join(directory, name);
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path]);
  const [privateKey, publicKey] = [readFileSync(path, "utf8"), readFileSync(`${path}.pub`, "utf8").trim()];
  return { path, privateKey, publicKey };
}

const hostKey = keyPair("host");
const clientKey = keyPair("client");

/** What arrived: the command, and what was sent to its standard input. */
let received: { command: string; stdin: string } | undefined;

const server = new Server({ hostKeys: [hostKey.privateKey] }, (client) => {
  client.on("error", () => undefined); // a client that refuses the host key hangs up
  client.on("authentication", (attempt) => {
    const offered = attempt.method === "publickey" ? attempt.key.data.toString("base64") : "";
    if (attempt.username === "root" && clientKey.publicKey.includes(offered) && offered !== "") attempt.accept();
    else attempt.reject(["publickey"]);
  });
  client.on("session", (acceptSession) => {
    acceptSession().on("exec", (acceptCommand, _reject, { command }) => {
      const stream = acceptCommand();
      let stdin = "";
      stream.on("data", (chunk: Buffer) => (stdin += chunk.toString()));
      stream.on("end", () => {
        received = { command, stdin };
        stream.write("out\n");
        stream.stderr.write("err\n");
        stream.exit(7);
        stream.end();
      });
    });
  });
});

let access: SshAccess;
/** As in a checkout whose path means something to ssh. */
const privateParent = join(directory, "my  lab", "50%h", String.raw`"a\b"`);

beforeAll(async () => {
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const address: unknown = server.address();
  if (typeof address !== "object" || address === null || !("port" in address))
    throw new Error("the server has no port");
  const port = String(address.port);
  const dial = join(__dirname, "../fixtures/ssh-client/dial.js");
  access = {
    privateKey: new Secret(clientKey.privateKey.trimEnd()),
    directory: privateParent,
    proxyTo: () => [process.execPath, dial, port],
  };
});

afterAll(() => {
  server.close();
  rmSync(directory, { recursive: true });
});

const node = (pinned: string): SshTarget => ({ name: "dev-worker-0", address: "192.0.2.20", hostKey: pinned });

const runOn = (
  target: SshTarget,
  command: readonly string[],
  stdin: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<CommandResult> =>
  withSshClient(access, [target], (ssh) =>
    runLocally(ssh(target, command, "none"), { stdin, environment, deadlineSeconds: 20 }),
  );

test("command, standard input, output and exit code pass through", async () => {
  const result = await runOn(node(hostKey.publicKey), ["cat", "/etc/hostname"], "hello");
  expect(result).toEqual({ exitCode: 7, stdout: "out\n", stderr: "err\n" });
  expect(received).toEqual({ command: "cat /etc/hostname", stdin: "hello" });
});

test("the proxy needs no login shell of its user", async () => {
  const result = await runOn(node(hostKey.publicKey), ["true"], "", { SHELL: "/bin/false" });
  expect(result).toMatchObject({ exitCode: 7, stdout: "out\n" });
});

test("a host with another key than the pinned one is not talked to", async () => {
  received = undefined;
  const result = await runOn(node(clientKey.publicKey), ["true"], "");
  expect(result.exitCode).toBe(255);
  expect(result.stderr).toContain("Host key verification failed");
  expect(received).toBeUndefined();
});

test("the private key is a file of its owner only, and only as long as the client runs", async () => {
  const target = node(hostKey.publicKey);
  await withSshClient(access, [target], async (ssh) => {
    const argv = ssh(target, [], "auto");
    const [folder = ""] = readdirSync(privateParent);
    expect(statSync(join(privateParent, folder, "key")).mode & 0o777).toBe(0o600);
    expect(argv.join(" ")).not.toContain("PRIVATE KEY");
    await Promise.resolve();
  });
  expect(readdirSync(privateParent)).toEqual([]);
});

test("ssh takes its files from where they are, whatever is in their path", async () => {
  const target = node(hostKey.publicKey);
  await withSshClient(access, [target], async (ssh) => {
    const { stdout } = await runLocally([...ssh(target, [], "none"), "-G"]);
    const [folder = ""] = readdirSync(privateParent);
    expect(stdout.split("\n")).toContain(`userknownhostsfile ${join(privateParent, folder, "known_hosts")}`);
    // It shows a key's path as it is before % is expanded.
    const key = join(privateParent, folder, "key").replaceAll("%", "%%");
    expect(stdout.split("\n")).toContain(`identityfile ${key}`);
  });
});
