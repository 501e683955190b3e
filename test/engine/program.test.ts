import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { runLocally } from "../../drivers/local-runner";
import { pulumiEnvironment } from "../../cli/pulumi-environment";
import { placesOf } from "../../cli/places";
import { pulumiInUse } from "../../cli/setup/pulumi-cli";
import type { CommandResult } from "../../drivers/runner";

/** A trivial program under the real CLI, through the language host and plugins that ./lab took. */

const root = resolve(__dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "engine-"));
const SECONDS = 1000;

async function pulumi(...args: string[]): Promise<CommandResult> {
  const places = placesOf(root);
  const program = await pulumiInUse(places);
  if (program === undefined) throw new Error("no Pulumi CLI: run ./lab setup first");
  const own = { PULUMI_BACKEND_URL: `file://${join(folder, "state")}`, PULUMI_CONFIG_PASSPHRASE: "only for this test" };
  const environment = pulumiEnvironment(places, program, { ...process.env, ...own });
  return runLocally([program, ...args, "--non-interactive"], { cwd: join(folder, "program"), environment });
}

beforeAll(async () => {
  mkdirSync(join(folder, "state"));
  cpSync(join(root, "test/fixtures/engine-program"), join(folder, "program"), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "program/node_modules"));
  const { exitCode, stderr } = await pulumi("stack", "init", "trial");
  if (exitCode !== 0) throw new Error(stderr);
}, 30 * SECONDS);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it(
  "goes through preview, up, no change, refresh and destroy, with secrets only as ciphertext",
  async () => {
    const preview = await pulumi("preview", "--stack", "trial");
    expect([preview.exitCode, preview.stdout]).toStrictEqual([0, expect.stringContaining("4 to create")]);

    const up = await pulumi("up", "--stack", "trial", "--yes", "--skip-preview");
    expect([up.exitCode, up.stdout]).toStrictEqual([0, expect.stringContaining("4 created")]);

    const state = readFileSync(join(folder, "state/.pulumi/stacks/engine-program/trial.json"), "utf8");
    expect(state).toContain("ciphertext");
    expect(state).not.toContain("the-plain-secret");
    expect(state).not.toContain("the-noted-secret");

    const again = await pulumi("preview", "--stack", "trial", "--expect-no-changes");
    expect([again.exitCode, again.stdout]).toStrictEqual([0, expect.stringContaining("4 unchanged")]);

    const refresh = await pulumi("refresh", "--stack", "trial", "--yes");
    expect([refresh.exitCode, refresh.stdout]).toStrictEqual([0, expect.stringContaining("4 unchanged")]);

    const destroy = await pulumi("destroy", "--stack", "trial", "--yes", "--skip-preview");
    expect([destroy.exitCode, destroy.stdout]).toStrictEqual([0, expect.stringContaining("4 deleted")]);
    expect(readdirSync(join(folder, "state/.pulumi/locks/organization/engine-program/trial"))).toStrictEqual([]);
  },
  90 * SECONDS,
);
