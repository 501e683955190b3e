import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { placesOf } from "../cli/places";
import { pulumiProgram } from "../cli/pulumi-program";
import { renewed } from "../cli/stack-config";
import { ReplikubeError } from "../drivers/errors";
import { runLocally } from "../drivers/local-runner";
import { releaseClaim } from "../facts/cidr-claim";

/**
 * How long a preview takes, by the number of machines: of a stack that does not exist, with a libvirt that does not answer. What Nix
 * evaluates is known already, as after any earlier command; `./lab setup` must have been run.
 */

const STACK = "bench-preview";
const NOBODY = "qemu+unix:///system?socket=/nonexistent/libvirt-sock";
const MACHINES = [2, 25, 50, 100, 200] as const;

interface Row {
  readonly machines: number;
  readonly seconds: number;
  /** Of each machine more than in the row before. */
  readonly secondsPerMachine: number | undefined;
}

async function measure(checkout: string): Promise<readonly Row[]> {
  const places = placesOf(checkout);
  const { program, environment } = await pulumiProgram(places);
  const folder = mkdtempSync(join(tmpdir(), "bench-preview-"));
  const config = join(folder, `Pulumi.${STACK}.yaml`);
  const run = async (cwd: string, ...args: string[]): Promise<number> => {
    const began = performance.now();
    const command = [program, ...args, "--stack", STACK, "--non-interactive"] as const;
    const result = await runLocally(command, {
      cwd,
      environment: { ...environment, PULUMI_BACKEND_URL: `file://${folder}/backend`, LIBVIRT_DEFAULT_URI: NOBODY },
    });
    if (result.exitCode !== 0)
      throw new ReplikubeError(`host: pulumi ${args[0] ?? ""} failed\n${result.stdout}${result.stderr}`);
    return (performance.now() - began) / 1000;
  };
  const configure = (machines: number): void =>
    // With the salt that Pulumi has written into it.
    writeFileSync(
      config,
      renewed(
        `config:\n  replikube:imageFlavour: tiny\n  replikube:workers: ${machines - 1}\n`,
        existsSync(config) ? readFileSync(config, "utf8") : "",
      ),
    );
  try {
    mkdirSync(join(folder, "backend"));
    configure(1);
    writeFileSync(join(folder, "Pulumi.yaml"), "name: replikube\nruntime: nodejs\n");
    await run(folder, "stack", "init");
    const preview = () => run(checkout, "preview", "--config-file", config);
    await preview(); // evaluates the image, when nobody has yet
    const rows: Row[] = [];
    for (const machines of MACHINES) {
      configure(machines);
      const seconds = await preview();
      const before = rows.at(-1);
      const more = before === undefined ? undefined : (seconds - before.seconds) / (machines - before.machines);
      rows.push({ machines, seconds, secondsPerMachine: more });
    }
    return rows;
  } finally {
    releaseClaim({ project: "replikube", stack: STACK, checkout });
    rmSync(folder, { recursive: true });
  }
}

const table = (rows: readonly Row[]): string =>
  [
    "machines   seconds   seconds for each machine more",
    ...rows.map(
      ({ machines, seconds, secondsPerMachine }) =>
        `${String(machines).padStart(8)}   ${seconds.toFixed(1).padStart(7)}   ${secondsPerMachine?.toFixed(3) ?? ""}`,
    ),
  ].join("\n");

async function main(): Promise<void> {
  const { json } = new Command("bench:preview")
    .description("how long a preview takes, by the number of machines")
    .option("--json <file>", "write the rows there")
    .parse()
    .opts<{ readonly json?: string }>();
  const rows = await measure(process.cwd());
  console.log(table(rows));
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(rows, null, 2)}\n`);
}

main().catch((error: unknown) => {
  console.error(error instanceof ReplikubeError ? error.message : error);
  process.exitCode = 1;
});
