import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { placesOf } from "../cli/places";
import { pulumiProgram } from "../cli/pulumi-program";
import { renewed } from "../cli/stack-config";
import { ReplikubeError } from "../drivers/errors";
import { runLocally } from "../drivers/local-runner";
import { releaseClaim } from "../facts/cidr-claim";
import { processorSeconds, withTimes } from "./processor-time";

/** How long a preview takes, by the number of machines: of a stack that does not exist. */

const STACK = "bench-preview";

export interface PreviewTime {
  readonly machines: number;
  readonly seconds: number;
  readonly processorSeconds: number;
  /** Processor seconds of each machine more than in the row before. */
  readonly perMachine?: number;
}

/** Flat: between any two sizes a machine more takes no more than this part of the smallest preview, on a quick computer as on a slow one. */
const FLAT_SHARE = 0.06;

/** The rows in which a machine more takes too much. */
export function notFlat(times: readonly PreviewTime[]): readonly PreviewTime[] {
  const limit = (times[0]?.processorSeconds ?? 0) * FLAT_SHARE;
  return times.filter(({ perMachine = 0 }) => perMachine > limit);
}

/** `./lab setup` must have been run in the checkout. The sizes from small to large. */
export async function previewTimes(checkout: string, sizes: readonly number[]): Promise<readonly PreviewTime[]> {
  const { program, environment } = await pulumiProgram(placesOf(checkout));
  const folder = mkdtempSync(join(tmpdir(), "bench-preview-"));
  const config = join(folder, `Pulumi.${STACK}.yaml`);
  const run = async (cwd: string, ...args: string[]): Promise<Pick<PreviewTime, "seconds" | "processorSeconds">> => {
    const began = performance.now();
    const command = [program, ...args, "--stack", STACK, "--non-interactive"] as const;
    const result = await runLocally(withTimes(...command), {
      cwd,
      environment: { ...environment, PULUMI_BACKEND_URL: `file://${folder}/backend` },
    });
    if (result.exitCode !== 0)
      throw new ReplikubeError(`host: pulumi ${args[0] ?? ""} failed\n${result.stdout}${result.stderr}`);
    return { seconds: (performance.now() - began) / 1000, processorSeconds: processorSeconds(result.stdout) };
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
    const times: PreviewTime[] = [];
    for (const machines of sizes) {
      configure(machines);
      const time = await run(checkout, "preview", "--config-file", config);
      const before = times.at(-1);
      const perMachine = before && (time.processorSeconds - before.processorSeconds) / (machines - before.machines);
      times.push({ machines, ...time, ...(perMachine !== undefined && { perMachine }) });
    }
    return times;
  } finally {
    releaseClaim({ project: "replikube", stack: STACK, checkout });
    rmSync(folder, { recursive: true });
  }
}
