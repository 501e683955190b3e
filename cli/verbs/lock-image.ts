import { join } from "node:path";
import type { Command } from "commander";
import { runAttached } from "../../drivers/attached-program";
import { ReplikubeError } from "../../drivers/errors";
import { runLocally } from "../../drivers/local-runner";
import type { Places } from "../places";

/** Takes the Debian packages of the node image from what the mirrors have today. */

const NEEDED = ["apt-get", "apt-cache", "jq"] as const;

async function requirePrograms(): Promise<void> {
  const look = 'for name; do command -v "$name" >/dev/null || echo "$name"; done';
  const { stdout } = await runLocally(["sh", "-c", look, "sh", ...NEEDED]);
  const missing = stdout.split("\n").filter(Boolean);
  if (missing.length === 0) return;
  throw new ReplikubeError(
    `host: lock-image asks Debian's apt and needs ${missing.join(", ")}\nnext: on Debian as root, apt-get install --no-install-recommends apt jq`,
  );
}

export function lockImageVerb(program: Command, places: Places): void {
  program
    .command("lock-image")
    .description("renew nix/debian/packages.lock from Debian's mirrors as they are today")
    .action(async () => {
      await requirePrograms();
      process.exitCode = await runAttached(["bash", join(places.root, "nix/debian/lock-packages.sh")]);
    });
}
