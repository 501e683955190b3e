import { writeFileSync } from "node:fs";
import { Command } from "commander";
import { ReplikubeError } from "../drivers/errors";
import { notFlat, previewTimes, type PreviewTime } from "./preview-times";

/** Prints how long a preview takes, by the number of machines, and fails when its cost for each machine is not flat. */

const MACHINES = [2, 25, 50, 100, 200] as const;

const table = (times: readonly PreviewTime[]): string =>
  [
    "machines   seconds   of processors   of each machine more",
    ...times.map(({ machines, seconds, processorSeconds, perMachine }) =>
      [
        String(machines).padStart(8),
        seconds.toFixed(1).padStart(7),
        processorSeconds.toFixed(1).padStart(13),
        (perMachine?.toFixed(3) ?? "").padStart(20),
      ].join("   "),
    ),
  ].join("\n");

async function main(): Promise<void> {
  const { json } = new Command("bench:preview")
    .description("how long a preview takes, by the number of machines; fails when a machine more costs more and more")
    .option("--json <file>", "write the rows there")
    .parse()
    .opts<{ readonly json?: string }>();
  const checkout = process.cwd();
  await previewTimes(checkout, [1]); // evaluates the image, when nobody has yet
  const times = await previewTimes(checkout, MACHINES);
  console.log(table(times));
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(times, null, 2)}\n`);
  const steep = notFlat(times);
  if (steep.length === 0) return;
  const sizes = steep.map(({ machines }) => machines).join(", ");
  throw new ReplikubeError(`host: the cost of a preview for each machine is not flat up to ${sizes} machines`);
}

main().catch((error: unknown) => {
  console.error(error instanceof ReplikubeError ? error.message : error);
  process.exitCode = 1;
});
