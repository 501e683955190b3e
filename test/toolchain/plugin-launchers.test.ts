import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { runLocally } from "../../drivers/local-runner";

/** The shell that starts the dynamic provider: the engine waits for what it starts as long as that has its output open. */

const LAUNCHER = resolve(__dirname, "../../toolchain/language-host/pulumi-resource-pulumi-nodejs");

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "launcher-"));
  mkdirSync(join(directory, "bin/toolchain/language-host"), { recursive: true });
  writeFileSync(join(directory, "bin/toolchain/language-host/leave-with-engine.js"), "");
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** `lookUp`: what becomes of the node that finds the provider's program. */
function launch(lookUp: string) {
  const node = join(directory, "node");
  writeFileSync(node, `#!/bin/sh\nif [ "$1" = -p ]; then ${lookUp}; fi\necho "$@"\n`);
  chmodSync(node, 0o755);
  return runLocally([LAUNCHER, "127.0.0.1:1"], {
    environment: { PATH: `${directory}:/usr/bin:/bin`, REPLIKUBE_CHECKOUT: directory },
  });
}

it("hands the engine's address to the provider's program", async () => {
  expect(await launch("echo /found; exit")).toMatchObject({
    exitCode: 0,
    stdout: `--require ${directory}/bin/toolchain/language-host/leave-with-engine.js /found 127.0.0.1:1\n`,
  });
});

it("ends when the look for that program is killed, and starts no node without one", async () => {
  const { exitCode, stdout } = await launch("kill -9 $$");
  expect(exitCode).not.toBe(0);
  expect(stdout).toBe("");
});
