import { existsSync } from "node:fs";
import { EMBEDDED_HOST_PACKAGES } from "../../plan/embedded-host";
import { ISO_PROGRAM } from "../../plan/libvirt/cloud-init";
import { CommandError, ReplikubeError } from "../../drivers/errors";
import { runLocally } from "../../drivers/local-runner";
import { missingPrograms } from "../../drivers/missing-programs";
import type { Part } from "./part";

/** Debian packages: for the embedded host and for Nix, and for tests alone. */

/** Name of a package, and the programs of it that are needed. */
type Packages = Readonly<Record<string, readonly string[]>>;

/** Nix, and what it runs the scripts of the debian flavour with. */
const IMAGE_BUILD_PACKAGES = { "nix-bin": ["nix"], mmdebstrap: ["mmdebstrap"], "xz-utils": ["xz"], git: ["git"] };

/** For the stack's key, and for a libvirt on another host. */
const SSH_PACKAGES = { "openssh-client": ["ssh", "ssh-keygen"] };

const DPKG = "/usr/bin/dpkg-query";

const byHand = (packages: readonly string[]): string =>
  existsSync(DPKG)
    ? `as root, apt-get install --no-install-recommends ${packages.join(" ")}`
    : `this is no Debian: install what these packages of Debian's hold: ${packages.join(" ")}`;

const canInstall = (): boolean => existsSync(DPKG) && process.getuid?.() === 0;

/** What dpkg has or is at; the last word of each status, as dpkg(1) lists them. */
async function statesOf(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (!existsSync(DPKG)) return new Map();
  const { stdout } = await runLocally([DPKG, "-W", "-f=${Package} ${db:Status-Status}\n", ...names]);
  return new Map(stdout.split("\n").map((line) => [line.split(" ")[0] ?? "", line.split(" ")[1] ?? ""]));
}

const NOT_DPKGS = ["not-installed", "config-files"];

/** A program that came from elsewhere does as well; a package that is half installed does not. */
async function missingOf(wanted: Packages): Promise<readonly string[]> {
  const states = await statesOf(Object.keys(wanted));
  return Object.entries(wanted)
    .filter(([name, programs]) => {
      const state = states.get(name) ?? "not-installed";
      return NOT_DPKGS.includes(state) ? missingPrograms(programs).length > 0 : state !== "installed";
    })
    .map(([name]) => name);
}

/** Whatever is missing of them; an error with what to do where it cannot be installed. */
export async function installPackages(packages: readonly string[]): Promise<void> {
  if (!canInstall()) throw new ReplikubeError(`host: programs are missing\nnext: ${byHand(packages)}`);
  const command = [
    "sh",
    "-c",
    'apt-get update -q && apt-get install -q -y -o DPkg::Lock::Timeout=600 --no-install-recommends "$@"',
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

const packages = (name: string, what: string, wanted: Packages): Part => ({
  name,
  plan: `${what} by apt-get`,
  async check() {
    return (await missingOf(wanted)).length > 0 ? undefined : { what, why: "installed" };
  },
  async obstacle() {
    return canInstall() ? undefined : byHand(await missingOf(wanted));
  },
  async take(_places, report) {
    const missing = await missingOf(wanted);
    report(`${name}: installing ${missing.join(" ")}`);
    await installPackages(missing);
    return { what: missing.join(" "), why: "installed: they were missing" };
  },
});

/** What a preview needs as well: it evaluates the image, and asks libvirt for the addresses in use, if there is one. */
export const debianPackages = packages("Debian packages", "Nix, mmdebstrap, virsh and OpenSSH's client", {
  ...IMAGE_BUILD_PACKAGES,
  ...SSH_PACKAGES,
  "libvirt-clients": EMBEDDED_HOST_PACKAGES["libvirt-clients"],
});

export const hostPackages = packages("Debian packages for libvirt", "libvirt and QEMU", EMBEDDED_HOST_PACKAGES);

/** The libvirt provider makes cloud-init's disks with it; no stack of ours has one. */
export const testPackages = packages("Debian packages for tests", "xorriso", { [ISO_PROGRAM]: [ISO_PROGRAM] });
