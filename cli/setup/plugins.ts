import { existsSync } from "node:fs";
import { join } from "node:path";
import { CommandError } from "../../drivers/errors";
import { runLocally } from "../../drivers/local-runner";
import type { Argv } from "../../plan/step";
import type { Places } from "../places";
import { pulumiHome } from "../pulumi-environment";
import { pulumiProgram } from "../pulumi-program";
import type { Part, Taken } from "./part";

/** The plugins `random` and `command`: the official ones where they are or can be downloaded, else our stand-ins under the same version. */

const DOWNLOAD_SECONDS = 40;

/** Set by the first plugin that could not be downloaded: the next one would only wait as long. */
let cannotDownload = false;

/** Its own retries take minutes where packets vanish; where the name cannot be resolved it gives up in two seconds (measured). */
async function download(install: Argv, environment: Readonly<Record<string, string>>): Promise<boolean> {
  if (cannotDownload) return false;
  const { exitCode } = await runLocally(["timeout", String(DOWNLOAD_SECONDS), ...install], { environment });
  cannotDownload = exitCode !== 0;
  return !cannotDownload;
}

function pluginPart(name: string, version: string): Part {
  const inUse = (places: Places): Promise<Taken | undefined> => {
    const folder = join(pulumiHome(places), "plugins", `resource-${name}-v${version}`);
    return Promise.resolve(existsSync(folder) ? { what: `${name} ${version}`, why: "in the plugin cache" } : undefined);
  };
  return {
    name: `plugin ${name}`,
    plan: `the official ${name} ${version}, else our stand-in`,
    check: inUse,
    async take(places) {
      const { program, environment } = await pulumiProgram(places);
      const install = [program, "plugin", "install", "resource", name, version] as const;
      if (await download(install, environment)) {
        return { what: `${name} ${version}`, why: "the official one, downloaded" };
      }
      const standIn = await runLocally([...install, "--file", join(places.root, "providers", name), "--reinstall"], {
        environment,
      });
      if (standIn.exitCode !== 0) {
        const next = "read Pulumi's message above";
        throw new CommandError(
          { machine: "host", step: `install plugin ${name}`, next },
          install.join(" "),
          standIn.exitCode,
          standIn.stderr,
        );
      }
      return { what: `OUR STAND-IN for ${name} ${version}`, why: "the official plugin cannot be downloaded here" };
    },
  };
}

export const randomPlugin = pluginPart("random", "4.21.2");
export const commandPlugin = pluginPart("command", "1.2.1");
