import { join } from "node:path";
import { withFileLock } from "../../drivers/file-lock";
import { sideBySide } from "../../drivers/side-by-side";
import { untilInterrupted } from "../interrupted-work";
import type { Places } from "../places";
import { debianPackages, hostPackages } from "./apt";
import { goCompiler } from "./go";
import { libvirt } from "./libvirt";
import type { Part } from "./part";
import { commandPlugin, randomPlugin } from "./plugins";
import { pulumiCli } from "./pulumi-cli";

/** Takes every part that is missing, one line each. What is there already costs a look, so that doing it again is instant. */

const PROGRESS_MS = 15_000;

const INTERRUPTED =
  "host: setup was interrupted; what was taken by then stays, and no stack was touched\nnext: the same command again goes on from there";

const PULUMI: readonly Part[] = [pulumiCli, randomPlugin, commandPlugin];

/** In the order in which they need each other. */
export const PARTS: readonly Part[] = [goCompiler, ...PULUMI, debianPackages, hostPackages, libvirt];

/** A look at a stack needs no hypervisor: not that one answers, and not that there is one. */
export const WITHOUT_HOST = PARTS.filter((part) => part !== hostPackages && part !== libvirt);

async function takePart(part: Part, places: Places, report: (line: string) => void): Promise<void> {
  const started = performance.now();
  const seconds = (): string => `${Math.round((performance.now() - started) / 1000)} s`;
  const found = await part.check(places);
  if (found !== undefined) return report(`${part.name}: ${found.what} (${found.why})`);
  const progress = setInterval(() => report(`${part.name}: still at it after ${seconds()}`), PROGRESS_MS);
  try {
    const taken = await part.take(places, report);
    report(`${part.name}: ${taken.what} (${taken.why}) after ${seconds()}`);
  } catch (error) {
    report(`${part.name}: failed after ${seconds()}`); // the rest may take minutes to its end
    throw error;
  } finally {
    clearInterval(progress);
  }
}

/** Each line in its own order, side by side. Every failure is told in the end, and keeps what comes after it in its line from being tried. */
export const takeLines = (
  lines: readonly (readonly Part[])[],
  places: Places,
  report: (line: string) => void,
): Promise<unknown> =>
  sideBySide(lines, async (line) => {
    for (const part of line) await takePart(part, places, report);
  });

const isPulumis = (part: Part): boolean => PULUMI.includes(part);

/**
 * Building Pulumi keeps the processors busy for minutes, packages the network, and a KVM that hangs nobody. Go comes before both: the one needs
 * it, and it may need a package itself.
 */
export async function runSetup(places: Places, report: (line: string) => void, parts = PARTS): Promise<void> {
  const others = parts.filter((part) => part !== goCompiler && !isPulumis(part));
  const take = (): Promise<void> =>
    withFileLock(join(places.state, "setup.lock"), async () => {
      if (parts.includes(goCompiler)) await takeLines([[goCompiler]], places, report);
      await takeLines([parts.filter(isPulumis), others], places, report);
    });
  await untilInterrupted(() => INTERRUPTED, take);
}
