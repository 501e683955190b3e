import { join } from "node:path";
import { withFileLock } from "../../drivers/file-lock";
import type { Places } from "../places";
import { debianPackages, hostPackages } from "./apt";
import { goCompiler } from "./go";
import { libvirt } from "./libvirt";
import type { Part } from "./part";
import { commandPlugin, randomPlugin } from "./plugins";
import { pulumiCli } from "./pulumi-cli";

/** Takes every part that is missing, one line each. What is there already costs a look, so that doing it again is instant. */

const PROGRESS_MS = 15_000;

/** In the order in which they need each other. */
export const PARTS: readonly Part[] = [
  goCompiler,
  pulumiCli,
  randomPlugin,
  commandPlugin,
  debianPackages,
  hostPackages,
  libvirt,
];

/** A look at a stack needs no hypervisor: not that one answers, and not that there is one. */
export const PREVIEW_PARTS = PARTS.filter((part) => part !== hostPackages && part !== libvirt);

async function takePart(part: Part, places: Places, report: (line: string) => void): Promise<void> {
  const started = performance.now();
  const seconds = (): string => `${Math.round((performance.now() - started) / 1000)} s`;
  const found = await part.check(places);
  if (found !== undefined) return report(`${part.name}: ${found.what} (${found.why})`);
  const progress = setInterval(() => report(`${part.name}: still at it after ${seconds()}`), PROGRESS_MS);
  try {
    const taken = await part.take(places, report);
    report(`${part.name}: ${taken.what} (${taken.why}) after ${seconds()}`);
  } finally {
    clearInterval(progress);
  }
}

export async function runSetup(places: Places, report: (line: string) => void, parts = PARTS): Promise<void> {
  await withFileLock(join(places.state, "setup.lock"), async () => {
    for (const part of parts) await takePart(part, places, report);
  });
}
