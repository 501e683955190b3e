import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { libvirtUriOf, loadFacts } from "../../facts/load-facts";
import { writeHostRecord } from "../../drivers/embedded-host-record";
import { embeddedHostLayout } from "../../plan/embedded-host";
import type { ExperimentConfig } from "../../plan/experiment-config";
import { PlanError } from "../../plan/problems";
import { experimentConfig, imageFacts, oneImage } from "../fixtures/experiment";
import { fakeNix } from "../fixtures/fake-nix";

let checkout = "";
const before = { ...process.env };
beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), "load-facts-"));
  for (const folder of ["components", "config", "drivers", "facts", "plan", "providers", "resources", "sdks", "bin"]) {
    mkdirSync(join(checkout, folder));
  }
  writeFileSync(join(checkout, "index.ts"), "");
  utimesSync(join(checkout, "index.ts"), 1000, 1000);
  writeFileSync(join(checkout, "bin/index.js"), "");
  process.env["XDG_CACHE_HOME"] = join(checkout, "cache");
  process.env["REPLIKUBE_CLAIMS"] = join(checkout, "claims");
});
afterEach(() => {
  process.env = { ...before };
  rmSync(checkout, { recursive: true, force: true });
});

const load = (more: Partial<ExperimentConfig> = {}, preview = false) =>
  loadFacts({
    project: "replikube",
    stack: "dev",
    checkout,
    preview,
    config: {
      ...experimentConfig,
      acceleration: "tcg",
      cidrPool: "198.18.0.0/24",
      libvirtUri: "qemu+unix:///system?socket=/nonexistent/libvirt-sock",
      ...more,
    },
  });

/** Answers an evaluation with the facts and with paths. */
function nixOnPath(store = "/nix/store"): void {
  const folder = join(checkout, "nix-bin");
  mkdirSync(folder);
  writeFileSync(join(folder, "facts.json"), JSON.stringify(imageFacts));
  const paths = JSON.stringify({ drv: `${store}/a.drv`, out: `${store}/a` });
  fakeNix(folder, `case "$*" in *#imageFacts*) cat "${folder}/facts.json" ;; *) printf %s '${paths}' ;; esac`);
  process.env["PATH"] = `${folder}:${process.env["PATH"] ?? ""}`;
}

/** Attributes of the images that Nix was asked for. */
const asked = async (more: Partial<ExperimentConfig>): Promise<readonly string[]> => {
  rmSync(join(checkout, "nix-bin/calls"), { force: true });
  await load(more);
  const calls = readFileSync(join(checkout, "nix-bin/calls"), "utf8");
  return [...calls.matchAll(/#imageFacts\S+\.(\S+)/g)].map(([, attribute = ""]) => attribute);
};

it("knows image, addresses, host and files of an experiment", async () => {
  nixOnPath();
  writeFileSync(join(checkout, "calico.yaml"), "kind: DaemonSet\n");
  await expect(load({ cni: "calico.yaml" })).resolves.toEqual({
    images: oneImage(),
    cidr: "198.18.0.0/24",
    acceleration: "tcg",
    libvirtUri: "qemu+unix:///system?socket=/nonexistent/libvirt-sock",
    cniManifest: "kind: DaemonSet\n",
  });
  expect(readFileSync(join(checkout, "nix-bin/calls"), "utf8")).not.toContain("build");
});

it("gives a look at libvirt's networks the stack's deadline, and says that they were not seen", async () => {
  nixOnPath();
  const said = jest.spyOn(console, "error").mockReturnValue();
  writeFileSync(join(checkout, "nix-bin/virsh"), "#!/bin/sh\nexec sleep 60\n", { mode: 0o755 });
  await load({ libvirtUri: "qemu:///system", deadlines: { virsh: 1 } });
  expect(said.mock.calls).toEqual([[expect.stringMatching(/^networks of qemu:\/\/\/system .* waited 1 s /)]]);
  said.mockRestore();
});

it("asks for each image once, and for none that no machine needs", async () => {
  nixOnPath();
  const own = { flavour: "tiny", flake: ".", attribute: "mine" } as const;
  expect(await asked({ images: { worker: own } })).toEqual(["node-image-tiny", "mine"]);
  expect(await asked({ images: { "control-plane": own, worker: own } })).toEqual(["mine"]);
  expect(await asked({ images: { worker: own }, workers: 0 })).toEqual(["node-image-tiny"]);
});

it("tells in a preview, and only there, how long Nix took, and what is still to be built", async () => {
  const store = join(checkout, "store");
  nixOnPath(store);
  const said = jest.spyOn(console, "error").mockReturnValue();
  const program = join(checkout, "nix-bin/nix-store");
  writeFileSync(program, "#!/bin/sh\necho 'these 3 derivations will be built:' >&2\n", { mode: 0o755 });
  await load();
  expect(said).not.toHaveBeenCalled();
  await load({}, true);
  writeFileSync(program, "#!/bin/sh\necho 'error: no such path' >&2; exit 1\n");
  await load({}, true);
  mkdirSync(join(store, "a"), { recursive: true });
  await load({}, true);
  const evaluated = [expect.stringMatching(/^image node-image-tiny was evaluated in \d+\.\d s$/)];
  expect(said.mock.calls).toEqual([
    evaluated,
    ["image node-image-tiny is not built yet: 3 derivations to build"],
    evaluated,
    ["image node-image-tiny is not built yet"],
    evaluated,
  ]);
  said.mockRestore();
});

it("names every file that is not there at once, before anything is asked or claimed", async () => {
  const problems = await load({ cni: "no.yaml", workload: { manifests: ["a.yaml", "b.yaml"], command: "" } }).then(
    () => [],
    (error: unknown) => (error instanceof PlanError ? error.problems.map(({ path }) => path) : [String(error)]),
  );
  expect(problems).toEqual(["cni", "workload.manifests[0]", "workload.manifests[1]"]);
});

it("refuses old compiled code first", async () => {
  utimesSync(join(checkout, "bin/index.js"), 500, 500);
  await expect(load()).rejects.toThrow("next: npm run build");
});

it("takes the configured libvirt, else the environment's, else the embedded host, else the system's", () => {
  const uri = (libvirtUri: string | undefined, environment: NodeJS.ProcessEnv) =>
    libvirtUriOf(libvirtUri === undefined ? {} : { libvirtUri }, checkout, environment);
  expect(uri(undefined, {})).toBe("qemu:///system");
  mkdirSync(join(checkout, ".state/host"), { recursive: true });
  expect(uri(undefined, {})).toBe("qemu:///system");
  // What a stopped host leaves: the stacks on it have not gone elsewhere.
  writeFileSync(join(checkout, ".state/host/lock"), "");
  expect(uri(undefined, {})).toBe(embeddedHostLayout(join(checkout, ".state/host")).uri);
  writeHostRecord(join(checkout, ".state/host/host.json"), {
    schema: 1,
    uri: "qemu+unix:///system?socket=/lab/sock",
    namespace: "n",
    libvirtdPid: 1,
    libvirtdStartTime: "1",
    kvm: false,
    startedAt: "",
  });
  expect(uri(undefined, {})).toBe("qemu+unix:///system?socket=/lab/sock");
  expect(uri(undefined, { LIBVIRT_DEFAULT_URI: "" })).toBe("qemu+unix:///system?socket=/lab/sock");
  expect(uri(undefined, { LIBVIRT_DEFAULT_URI: "qemu:///session" })).toBe("qemu:///session");
  expect(uri("test:///default", { LIBVIRT_DEFAULT_URI: "qemu:///session" })).toBe("test:///default");
});
