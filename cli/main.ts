import { checkoutRoot } from "../drivers/checkout-root";
import { Interrupted, ReplikubeError } from "../drivers/errors";
import { placesOf } from "./places";
import { labProgram } from "./program";
import { offerTakenGo } from "./setup/go";

async function main(): Promise<void> {
  const places = placesOf(checkoutRoot());
  offerTakenGo(places);
  await labProgram(places).parseAsync();
}

main().catch((error: unknown) => {
  const text = error instanceof ReplikubeError ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = error instanceof Interrupted ? error.exitCode : 1;
});
