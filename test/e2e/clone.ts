import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { runLocally } from "../../drivers/local-runner";
import type { CommandResult } from "../../drivers/runner";

/** A newcomer's clone: what is committed, with its own state and its own embedded host; Node modules are linked, not fetched again. */
export interface Clone {
  readonly folder: string;
  lab(...args: string[]): Promise<CommandResult>;
  run(...command: [string, ...string[]]): Promise<CommandResult>;
  remove(): Promise<void>;
}

const root = resolve(__dirname, "../..");

/** Of this test's own run: Pulumi's folders and the stack's run belong to the clone. */
const OURS = /^(PULUMI_|REPLIKUBE_|LIBVIRT_|KUBECONFIG$)/;

export async function makeClone(): Promise<Clone> {
  const parent = mkdtempSync(join(tmpdir(), "rk-"));
  const folder = join(parent, "lab");
  for (const name of Object.keys(process.env)) if (OURS.test(name)) delete process.env[name];
  const run = async (...command: [string, ...string[]]): Promise<CommandResult> => runLocally(command, { cwd: folder });
  const made = await runLocally(["git", "clone", "--quiet", "--shared", root, folder]);
  if (made.exitCode !== 0) throw new Error(made.stderr);
  await run("cp", "-al", join(root, "node_modules"), join(folder, "node_modules"));
  return {
    folder,
    run,
    lab: (...args) => run("./lab", ...args),
    async remove() {
      if (existsSync(join(folder, ".state"))) await run("./lab", "host", "stop", "--force");
      rmSync(parent, { recursive: true, force: true });
    },
  };
}

/** For `toMatchObject`, with all that was printed when it fails. */
export const outcome = ({ exitCode, stdout, stderr }: CommandResult): { exitCode: number; printed: string } => ({
  exitCode,
  printed: `${stdout}\n${stderr}`,
});
