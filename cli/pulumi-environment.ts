import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { namedBackend } from "../drivers/named-backend";
import { putOnce } from "../drivers/whole-file";
import { embeddedHostLayout } from "../plan/embedded-host";
import { variable } from "../plan/environment";
import { ownBackend } from "../plan/stack-record";
import { embeddedHostFolder, type Places } from "./places";

/** The environment in which Pulumi runs. What the user has set wins, everywhere; what is set and empty is not set. */

/** Everything that one command of ./lab does is one run of the timeline. */
const RUN = `${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "")}-${process.pid}`;

export const currentRun = (environment: NodeJS.ProcessEnv = process.env): string => environment["REPLIKUBE_RUN"] ?? RUN;

/** Two at once agree: the first to make the file wins, and the other reads it. */
function passphraseFile(places: Places): string {
  const file = join(places.state, "passphrase");
  mkdirSync(places.state, { recursive: true });
  if (existsSync(file)) return file;
  putOnce(file, randomBytes(24).toString("base64url"), 0o600);
  return file;
}

/**
 * The backend would keep a file of notes beside each state. It writes the state whole or not at all, but not the notes, and reads no
 * state whose notes were cut off by a kill: "failed to load checkpoint: EOF".
 */
const WITHOUT_NOTES = "?metadata=skip";

export const pulumiHome = ({ state }: Places, environment: NodeJS.ProcessEnv = process.env): string =>
  variable(environment, "PULUMI_HOME") ?? join(state, "pulumi-home");

export function pulumiEnvironment(
  places: Places,
  pulumi: string,
  environment: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  const ours: Record<string, string> = {
    // Whether it runs or not: a preview starts nothing, and plans what `up` then makes there.
    LIBVIRT_DEFAULT_URI: embeddedHostLayout(embeddedHostFolder(places)).uri,
    PULUMI_BACKEND_URL: `${ownBackend(places.root)}${WITHOUT_NOTES}`,
    PULUMI_HOME: pulumiHome(places, environment),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    REPLIKUBE_CHECKOUT: places.root,
    REPLIKUBE_RUN: RUN,
  };
  if (environment["PULUMI_CONFIG_PASSPHRASE"] === undefined) {
    ours["PULUMI_CONFIG_PASSPHRASE_FILE"] = passphraseFile(places);
  }
  // A file backend does not make its own folder.
  const backend = namedBackend(places.root, environment);
  if (backend === undefined) mkdirSync(join(places.state, "pulumi"), { recursive: true });
  const users = Object.entries(environment).flatMap(([name, value]) =>
    value === undefined || (value === "" && name in ours) ? [] : [[name, value]],
  );
  const merged: Record<string, string> = { ...ours, ...Object.fromEntries(users) };
  return {
    ...merged,
    ...(backend !== undefined && { PULUMI_BACKEND_URL: backend }),
    PATH: `${dirname(pulumi)}:${environment["PATH"] ?? ""}`,
  };
}
