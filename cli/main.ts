import { checkoutRoot } from "../drivers/checkout-root";
import { endFailed } from "./failed-command";
import { placesOf } from "./places";
import { labProgram } from "./program";
import { offerTakenGo } from "./setup/go";

async function main(): Promise<void> {
  const places = placesOf(checkoutRoot());
  offerTakenGo(places);
  await labProgram(places).parseAsync();
}

main().catch(endFailed);
