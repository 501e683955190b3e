import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { ReplikubeError } from "../drivers/errors";
import { evidenceFolder, saveEvidence } from "../drivers/evidence";
import { timelineFile } from "../drivers/timeline";
import { redactor } from "../plan/redact";
import type { Places } from "./places";
import { stateChangedMs } from "./pulumi-program";
import { withSeenMachines } from "./seen-machines";

/**
 * Evidence of an `up` that failed where no driver looks at machines: libvirt starts none, a workload fails. What the drivers keep says more;
 * and an `up` that changed nothing, because its configuration is wrong or its user said no, is no failure of a machine.
 */

const isKept = (folder: string, sinceMs: number): boolean =>
  existsSync(folder) && readdirSync(folder).some((name) => statSync(join(folder, name)).mtimeMs >= sinceMs);

/** Never throws: what has failed is what the user must see. */
export async function keepEvidenceOfUp(
  places: Places,
  stack: string,
  sinceMs: number,
  report: (line: string) => void,
): Promise<void> {
  try {
    if (isKept(evidenceFolder(places.root, stack), sinceMs)) return;
    const changedMs = await stateChangedMs(places, stack);
    if (changedMs !== undefined && changedMs < sinceMs) return;
    const where = await withSeenMachines(places, stack, async ({ privateKey, ...seen }) =>
      saveEvidence({
        ...seen,
        root: places.root,
        step: "up",
        timelineFile: timelineFile(places.root, stack),
        error: new ReplikubeError("up failed; Pulumi has printed why"),
        redact: redactor([privateKey.reveal()]),
      }),
    );
    if (where !== undefined) report(`evidence: ${where}`);
  } catch (error) {
    report(`evidence of the machines cannot be had: ${error instanceof Error ? error.message : String(error)}`);
  }
}
