import { checkoutRoot } from "../drivers/checkout-root";
import { ReplikubeError } from "../drivers/errors";
import { placesOf } from "./places";
import { labProgram } from "./program";

async function main(): Promise<void> {
  await labProgram(placesOf(checkoutRoot())).parseAsync();
}

main().catch((error: unknown) => {
  const text = error instanceof ReplikubeError ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
});
