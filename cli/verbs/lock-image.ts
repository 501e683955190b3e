import { join } from "node:path";
import type { Command } from "commander";
import { runAttached } from "../../drivers/attached-program";
import type { Places } from "../places";

/** Takes the Debian packages of the node image from what the mirrors have today. */
export function lockImageVerb(program: Command, places: Places): void {
  program
    .command("lock-image")
    .description("renew nix/debian/packages.lock from Debian's mirrors as they are today")
    .action(async () => {
      process.exitCode = await runAttached(["bash", join(places.root, "nix/debian/lock-packages.sh")]);
    });
}
