import { rmSync } from "node:fs";
import { join } from "node:path";
import { ReplikubeError } from "../drivers/errors";
import { scanHost } from "../drivers/host-scan";
import { releaseClaim } from "../facts/cidr-claim";
import { leftoversOf } from "../plan/leftovers";
import { stackDirectory } from "../plan/plan-topology";
import type { Places } from "./places";

/** After a destroy: nothing of the stack may be left on the host, or it is an error that names it. */

export interface DestroyedStack {
  readonly project: string;
  readonly stack: string;
  readonly libvirtUri: string;
}

export async function proveNothingLeft(
  { root }: Places,
  destroyed: DestroyedStack,
  report: (line: string) => void,
): Promise<void> {
  const { project, stack, libvirtUri } = destroyed;
  const folder = stackDirectory(root, stack);
  const objects = await scanHost(libvirtUri, join(folder, "pool"));
  const left = leftoversOf(objects, { project, stack });
  if (left.length > 0) {
    const lines = left.map(({ object, remedy }) => `  ${object}: ${remedy}`);
    throw new ReplikubeError(
      `stack ${stack}: destroyed, but this is left on ${libvirtUri}:\n${lines.join("\n")}\nnext: remove it as named, if nobody needs it, and run ./lab destroy again`,
    );
  }
  // Consoles and the image's root go with the stack; evidence and timeline stay.
  rmSync(folder, { recursive: true, force: true });
  releaseClaim({ project, stack, checkout: root });
  report(`stack ${stack}: nothing is left: no domain, network, pool, volume, bridge or file`);
}
