import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { nixEnvironment } from "../../drivers/nix-environment";
import { goldenFolder, goldenPaths } from "../golden-matcher";

/** The debian image with a NixOS node's configuration laid over it, evaluated: test/e2e/nixos-over-debian.test.ts boots it. */

const checkout = resolve(__dirname, "../..");

/** What the texts name and the guest does not have: it does without. */
const ABSENT = [
  // On PATH where file systems are checked; there is only ext4.
  "/nix/store/dosfstools",
  // In every unit's environment; Debian's programs bring their own, and the time is UTC.
  "/nix/store/glibc-locales",
  "/nix/store/tzdata",
  // Optional in a session; there is no logind either.
  "/nix/store/systemd/lib/security/pam_systemd.so",
] as const;

const texts = new Map(
  goldenPaths("nixos/root").map(
    (path) => [path, readFileSync(join(goldenFolder, "nixos/root", path), "utf8")] as const,
  ),
);

const evaluated = (...args: readonly string[]): string =>
  execFileSync("nix", ["eval", "--no-write-lock-file", "--json", ...args], {
    encoding: "utf8",
    env: { ...process.env, ...nixEnvironment("debian") },
    stdio: ["ignore", "pipe", "pipe"],
  });

/** As the image has it: what git does not know is not in there. */
function pathsOfImage(output: "ofDebian" | "ofNixos"): readonly string[] {
  const paths: readonly string[] = JSON.parse(evaluated(`${checkout}/test/fixtures/nixos-over-debian#${output}`));
  return paths;
}

test("the texts are all in the guest, and nothing by which the debian flavour makes a node of it", () => {
  expect(pathsOfImage("ofNixos")).toEqual(expect.arrayContaining([...texts.keys()]));
  expect(pathsOfImage("ofDebian")).toEqual(["/etc/systemd/system/default.target"]);
});

/** Does one lie at or below the other? A link to a folder stands for what is in it. */
const meet = (one: string, other: string): boolean => `${one}/`.startsWith(`${other}/`) || other.startsWith(`${one}/`);

test("every program and file that the texts name is in the guest, or it does without", () => {
  const there = pathsOfImage("ofNixos");
  const named = [...texts.values()].flatMap((text) => text.match(/\/nix\/store\/[\w.+-]+[\w./@+-]*/g) ?? []);
  // Units have each package's sbin on PATH too, which few packages of nixpkgs have.
  const asked = new Set(named.map((path) => path.replace(/(\/sbin)?\/?$/, "")));
  const absent = [...asked].filter((path) => !there.some((each) => meet(path, each)));
  expect(absent.filter((path) => !ABSENT.some((each) => meet(path, each)))).toEqual([]);
  expect(ABSENT.filter((each) => !absent.some((path) => meet(path, each)))).toEqual([]);
});

test("no text has a hash of the store in it", () => {
  for (const text of texts.values()) expect(text).not.toMatch(/\/nix\/store\/[a-z0-9]{32}-/);
});

/** What both flavours take from one file. Whoever changes it changes the texts too, by evaluating or by hand, and boots them. */
const SHARED = [
  ["nix/node/kubelet.service", "/etc/systemd/system/kubelet.service"],
  ["nix/node/containerd.service", "/etc/systemd/system/containerd.service"],
  ["nix/node/sysctl.conf", "/etc/sysctl.d/60-nixos.conf"],
  ["nix/node/modules.conf", "/etc/modules-load.d/nixos.conf"],
  ["nix/node/crictl.yaml", "/etc/crictl.yaml"],
  ["nix/debian/files/05-cni.network", "/etc/systemd/network/05-cni.network"],
  ["nix/debian/files/10-node.network", "/etc/systemd/network/10-node.network"],
  ["nix/debian/files/networkd.conf", "/etc/systemd/networkd.conf.d/replikube.conf"],
  ["nix/debian/files/resolved.conf", "/etc/systemd/resolved.conf.d/replikube.conf"],
  ["nix/debian/files/journald.conf", "/etc/systemd/journald.conf.d/replikube.conf"],
  ["nix/debian/files/tmpfiles.conf", "/etc/tmpfiles.d/00-nixos.conf"],
  ["nix/debian/files/make-host-key", "/nix/store/make-host-key"],
] as const;

const lines = (text: string) => text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));

test.each(SHARED)("%s still says nothing that the booted text does not", (file, path) => {
  const asInNixos = readFileSync(join(checkout, file), "utf8")
    .replace("/usr/bin/kubelet", "/nix/store/kubernetes/bin/kubelet")
    .replace("/usr/bin/containerd", "/nix/store/containerd/bin/containerd")
    .replaceAll(/^([\w.-]+) = /gm, "$1=");
  expect(lines(texts.get(path) ?? "")).toEqual(expect.arrayContaining(lines(asInNixos)));
});

test("containerd's configuration, which is the one text that nixpkgs' own program did not write, says what it has to", () => {
  const both = `
    let node = import ${checkout}/nix/nixos/node-definition.nix;
    in [
      (builtins.fromTOML (builtins.readFile ${goldenFolder}/nixos/root/etc/containerd/config.toml))
      (node.containerdConfiguration {
        pauseImage = "\${node.imageNames.pause}:\${node.pauseTag}";
        runc = "/nix/store/runc/bin/runc";
      })
    ]`;
  const [written, meant]: readonly unknown[] = JSON.parse(evaluated("--impure", "--expr", both));
  expect(written).toEqual(meant);
  expect(JSON.stringify(written)).toContain("SystemdCgroup");
});
