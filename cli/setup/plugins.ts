import { existsSync } from "node:fs";
import { join } from "node:path";
import { CommandError } from "../../drivers/errors";
import { runLocally } from "../../drivers/local-runner";
import type { Places } from "../places";
import { pulumiProgram } from "../pulumi-program";
import { pulumiInUse } from "./pulumi-cli";
import type { Part, Taken } from "./part";

/** The plugins `random` and `command`: the official ones where they are or can be downloaded, else our stand-ins under the same version. */

const DOWNLOAD_SECONDS = 60;

function pluginPart(name: string, version: string): Part {
  const inUse = async (places: Places): Promise<Taken | undefined> => {
    if ((await pulumiInUse(places)) === undefined) return undefined;
    const { environment } = await pulumiProgram(places);
    const folder = join(environment["PULUMI_HOME"] ?? "", "plugins", `resource-${name}-v${version}`);
    return existsSync(folder) ? { what: `${name} ${version}`, why: "in the plugin cache" } : undefined;
  };
  return {
    name: `plugin ${name}`,
    plan: `the official ${name} ${version}, else our stand-in`,
    check: inUse,
    async take(places) {
      const { program, environment } = await pulumiProgram(places);
      const install = [program, "plugin", "install", "resource", name, version] as const;
      // Its own retries take minutes where there is no way out.
      const official = await runLocally(["timeout", String(DOWNLOAD_SECONDS), ...install], { environment });
      if (official.exitCode === 0) return { what: `${name} ${version}`, why: "the official one, downloaded" };
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
