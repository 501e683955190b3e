import { existsSync } from "node:fs";
import { EMBEDDED_HOST_PACKAGES } from "../../plan/embedded-host";
import { CommandError, ReplikubeError } from "../../drivers/errors";
import { runLocally } from "../../drivers/local-runner";
import type { Part } from "./part";

/** Debian packages for the embedded host and for Nix. */

/** Nix, and what it runs the scripts of the debian flavour with. */
const IMAGE_BUILD_PACKAGES = ["nix-bin", "mmdebstrap", "xz-utils", "git"] as const;

const WANTED = [...EMBEDDED_HOST_PACKAGES, ...IMAGE_BUILD_PACKAGES] as const;
const DPKG = "/usr/bin/dpkg-query";

const byHand = (packages: readonly string[]): string =>
  existsSync(DPKG)
    ? `as root, apt-get install --no-install-recommends ${packages.join(" ")}`
    : `this is no Debian: install what these packages of Debian's hold: ${packages.join(" ")}`;

const canInstall = (): boolean => existsSync(DPKG) && process.getuid?.() === 0;

async function missingPackages(): Promise<readonly string[]> {
  if (!existsSync(DPKG)) return WANTED;
  const { stdout } = await runLocally([DPKG, "-W", "-f=${Package} ${Status}\n", ...WANTED]);
  const installed = new Set(
    stdout
      .split("\n")
      .filter((line) => line.endsWith(" installed"))
      .map((line) => line.split(" ")[0]),
  );
  return WANTED.filter((name) => !installed.has(name));
}

/** Whatever is missing of them; an error with what to do where it cannot be installed. */
export async function installPackages(packages: readonly string[]): Promise<void> {
  if (!canInstall()) throw new ReplikubeError(`host: programs are missing\nnext: ${byHand(packages)}`);
  const command = [
    "sh",
    "-c",
    'apt-get update -q && apt-get install -q -y --no-install-recommends "$@"',
    "sh",
    ...packages,
  ] as const;
  const { exitCode, stdout, stderr } = await runLocally(command, {
    environment: { DEBIAN_FRONTEND: "noninteractive" },
  });
  if (exitCode === 0) return;
  const next = "repair apt, then run this again";
  const context = { machine: "host", step: "install Debian packages", next };
  throw new CommandError(context, "apt-get install", exitCode, stdout + stderr);
}

export const debianPackages: Part = {
  name: "Debian packages",
  plan: "libvirt, QEMU, Nix and mmdebstrap by apt-get",
  async check() {
    const missing = await missingPackages();
    return missing.length > 0 ? undefined : { what: "libvirt, QEMU and Nix", why: "installed" };
  },
  async obstacle() {
    return canInstall() ? undefined : byHand(await missingPackages());
  },
  async take(_places, report) {
    const missing = await missingPackages();
    report(`Debian packages: installing ${missing.join(" ")}`);
    await installPackages(missing);
    return { what: missing.join(" "), why: "installed: they were missing" };
  },
};
