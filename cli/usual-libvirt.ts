import { existsSync } from "node:fs";
import { embeddedHostStatus } from "../drivers/embedded-host";
import { embeddedHostLayout } from "../plan/embedded-host";
import { variable } from "../plan/environment";
import { embeddedHostFolder, type Places } from "./places";

/** The libvirt of stacks that name none of their own. */
export interface UsualLibvirt {
  readonly uri: string;
  /** Named by the environment: it is its user's, and not set up here. */
  readonly isNamed: boolean;
  /** An embedded host that was never started has nothing. Of one that is named this is true. */
  readonly isThere: boolean;
}

export async function usualLibvirt(
  places: Places,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<UsualLibvirt> {
  const named = variable(environment, "LIBVIRT_DEFAULT_URI");
  if (named !== undefined) return { uri: named, isNamed: true, isThere: true };
  const folder = embeddedHostFolder(places);
  // Its processes outlive a folder that somebody removed.
  const isThere = existsSync(folder) || (await embeddedHostStatus(folder)).kind !== "stopped";
  return { uri: embeddedHostLayout(folder).uri, isNamed: false, isThere };
}
