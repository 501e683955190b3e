import { pendingWork } from "../plan/nix-pending";
import { localRunner } from "./local-runner";
import type { ImageSource } from "./nix";
import { runNix } from "./nix-command";
import type { CommandRunner } from "./runner";

/** Binary caches are asked too, where the flavour has some. */
const SECONDS = 20;

/** How much is to be built and fetched for an image; empty when Nix cannot tell, or not in time: it is only a word on the way. */
export async function pendingWorkOf(
  { attribute, flavour, nixSettings }: ImageSource,
  drvPath: string,
  runner: CommandRunner = localRunner,
): Promise<string> {
  const call = {
    step: `see what ${attribute} needs`,
    flavour,
    settings: nixSettings,
    runner,
    deadlineSeconds: SECONDS,
  };
  try {
    // The newer commands would evaluate the flake again; they name a derivation differently in every few versions.
    return pendingWork((await runNix(["nix-store", "--realise", "--dry-run", drvPath], call)).stderr);
  } catch {
    return "";
  }
}
