import { EMBEDDED_HOST_PACKAGES } from "../../plan/embedded-host";
import { CommandError, ReplikubeError } from "../../drivers/errors";
import { runLocally } from "../../drivers/local-runner";
import type { Part } from "./part";

/** Debian packages for the embedded host and for Nix. */

/** Nix, and what it runs the scripts of the debian flavour with. */
const IMAGE_BUILD_PACKAGES = ["nix-bin", "mmdebstrap", "xz-utils", "git"] as const;

async function missingPackages(): Promise<readonly string[]> {
  const wanted = [...EMBEDDED_HOST_PACKAGES, ...IMAGE_BUILD_PACKAGES];
  const { stdout } = await runLocally(["dpkg-query", "-W", "-f=${Package} ${Status}\n", ...wanted]);
  const installed = new Set(
    stdout
      .split("\n")
      .filter((line) => line.endsWith(" installed"))
      .map((line) => line.split(" ")[0]),
  );
  return wanted.filter((name) => !installed.has(name));
}

export const debianPackages: Part = {
  name: "Debian packages",
  plan: "libvirt, QEMU, Nix and mmdebstrap by apt-get",
  async check() {
    const missing = await missingPackages();
    return missing.length > 0 ? undefined : { what: "libvirt, QEMU and Nix", why: "installed" };
  },
  async obstacle() {
    const missing = await missingPackages();
    if (process.getuid?.() === 0) return undefined;
    return `needs root: apt-get install --no-install-recommends ${missing.join(" ")}`;
  },
  async take(_places, report) {
    const missing = await missingPackages();
    if (process.getuid?.() !== 0) {
      throw new ReplikubeError(
        `host: Debian packages are missing and this is not root\nnext: as root, apt-get install --no-install-recommends ${missing.join(" ")}`,
      );
    }
    report(`Debian packages: installing ${missing.join(" ")}`);
    const command = [
      "sh",
      "-c",
      'apt-get update -q && apt-get install -q -y --no-install-recommends "$@"',
      "sh",
      ...missing,
    ] as const;
    const { exitCode, stdout, stderr } = await runLocally(command, {
      environment: { DEBIAN_FRONTEND: "noninteractive" },
    });
    if (exitCode !== 0) {
      const next = "repair apt, then run this again";
      throw new CommandError(
        { machine: "host", step: "install Debian packages", next },
        "apt-get install",
        exitCode,
        stdout + stderr,
      );
    }
    return { what: missing.join(" "), why: "installed: they were missing" };
  },
};
