import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readlinkSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { keepFormerImage } from "../../drivers/image-roots";
import { localRunner } from "../../drivers/local-runner";
import { buildImage, evaluateImage, type EvaluatedImage } from "../../drivers/nix";
import { nixEnvironment } from "../../drivers/nix-environment";
import { findStore } from "../../drivers/nix-store";
import { pendingWorkOf } from "../../drivers/unbuilt-image";
import type { NixSettings } from "../../plan/experiment-config";
import { serveBinaryCache } from "../fakes/binary-cache";
import { startFakeHost } from "../fakes/ssh-host";
import { imageFacts } from "../fixtures/experiment";
import { environmentOf, nixVersions } from "../fixtures/nix-versions";
import { writeTinyFlake } from "../fixtures/tiny-flake";

/** Where images are built, and in which store they are: a stack's settings of Nix, with real Nix of several years. */

jest.setTimeout(120_000);

const system = process.arch === "arm64" ? "aarch64-linux" : "x86_64-linux";
const facts = { ...imageFacts, system };

/** Below another root Nix always has a sandbox; what it is to have of this machine for /bin/sh to make an image. */
const SANDBOX_PATHS = "/bin /usr /lib /lib64";

let home = "";
let folder = "";
let root = "";
const outside = { ...process.env };

function setEnvironment(variables: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}

/** Another text is another derivation, so that nothing is built already. */
const writeFlake = (text: string): void =>
  writeTinyFlake(folder, { ...facts, boot: { ...facts.boot, commandLine: `${text}=${folder}` } });

const source = (nixSettings: NixSettings) =>
  ({ flake: ".", attribute: "node-image-tiny", flavour: "tiny", nixSettings }) as const;
const call = (settings: NixSettings) => ({ flavour: "tiny", settings, runner: localRunner }) as const;
const evaluated = (settings: NixSettings): Promise<EvaluatedImage> => evaluateImage(source(settings), folder);

async function build(settings: NixSettings): Promise<string> {
  const store = await findStore({ ...call(settings), step: "build" });
  return buildImage({
    ...source(settings),
    checkout: folder,
    store,
    root,
    facts: (await evaluated(settings)).facts,
    report: () => undefined,
  });
}

const run = (settings: NixSettings, program: "nix" | "nix-store", ...args: readonly string[]): string =>
  execFileSync(program, args, {
    encoding: "utf8",
    stdio: "pipe",
    env: { ...process.env, ...nixEnvironment("tiny", process.env, { settings }) },
  });

/** Builds on no machine but the one of `uri`, whose store is `there`. */
async function builtBy(uri: string, there: string): Promise<Readonly<Record<string, boolean>>> {
  const settings = { "max-jobs": "0", builders: `${uri} ${system} - 1 1` };
  const { outPath } = await evaluated(settings);
  const built = await build(settings);
  return {
    here: built === outPath && outPath.startsWith(`${process.env["NIX_STORE_DIR"]}/`),
    there: existsSync(join(there, "nix/store", basename(outPath), "disk.qcow2")),
    served: readFileSync(join(there, "calls"), "utf8").includes("--serve"),
  };
}
const AS_ASKED = { here: true, there: true, served: true };

for (const { title, obstacle } of nixVersions()) {
  if (obstacle !== undefined) it.todo(`does the same with ${title}, but ${obstacle}`);
}

describe.each(nixVersions().filter(({ obstacle }) => obstacle === undefined))("$title", (version) => {
  let own: Readonly<Record<string, string>> = {};
  beforeAll(() => {
    home = realpathSync(mkdtempSync(join(tmpdir(), "nix-settings-")));
    own = environmentOf(version, home);
    setEnvironment(own);
  });
  beforeEach(() => {
    folder = mkdtempSync(join(home, "flake-"));
    root = join(folder, ".state/stacks/dev/image");
    writeFlake("one");
  });
  afterEach(() => setEnvironment({ NIX_CONFIG: outside["NIX_CONFIG"] }));
  afterAll(() => {
    setEnvironment(Object.fromEntries(Object.keys(own).map((name) => [name, outside[name]])));
    execFileSync("chmod", ["-R", "u+w", home]); // what is in a store is not
    rmSync(home, { recursive: true });
  });

  it.each(["setting", "environment"])("finds and keeps an image in a store below another root, by %s", async (by) => {
    // Not in the flake: its source would have a whole store in it.
    const other = mkdtempSync(join(home, "root-"));
    const entries = join(other, "nix/store");
    const lines = { store: other, "sandbox-paths": SANDBOX_PATHS };
    const settings = by === "setting" ? lines : {};
    if (by === "environment") {
      setEnvironment({ NIX_CONFIG: `store = ${lines.store}\nsandbox-paths = ${lines["sandbox-paths"]}` });
    }
    const { outPath, drvPath } = await evaluated(settings);
    expect(outPath).toMatch(new RegExp(`^${entries}/[a-z0-9]{32}-good-image$`));
    expect(drvPath).toMatch(new RegExp(`^${process.env["NIX_STORE_DIR"]}/`));
    await expect(build(settings)).resolves.toBe(outPath);
    expect(existsSync(join(outPath, "disk.qcow2"))).toBe(true);
    const named = readlinkSync(root);
    expect(() => run(settings, "nix", "store", "delete", named)).toThrow("still alive");

    writeFlake("two");
    const store = await findStore({ ...call(settings), step: "look" });
    await keepFormerImage(root, (await evaluated(settings)).outPath, { ...call(settings), store });
    await build(settings);
    expect(readlinkSync(root)).not.toBe(named);
    expect(() => run(settings, "nix", "store", "delete", named)).toThrow("still alive");
  });

  /** Another machine's store, and the program that answers there. */
  function otherMachine(): { readonly there: string; readonly program: string } {
    const there = mkdtempSync(join(home, "there-"));
    const program = join(there, "answer");
    const nixStore = join(dirname(version.program), "nix-store");
    const lines = ["build-users-group =", "substituters =", `sandbox-paths = ${SANDBOX_PATHS}`];
    const config = `NIX_CONFIG='${lines.join("\n")}'`;
    writeFileSync(program, `#!/bin/sh\necho "$*" >>'${there}/calls'\n${config} exec ${nixStore} "$@"\n`, {
      mode: 0o755,
    });
    return { there, program };
  }

  it("has another machine build, and the image here", async () => {
    // `localhost` is reached without SSH: the program that would answer over there runs at once.
    const { there, program } = otherMachine();
    const uri = `ssh://localhost?remote-program=${program}&remote-store=${there}`;
    expect(await builtBy(uri, there)).toEqual(AS_ASKED);
  });

  it("has a machine build that is reached by SSH", async () => {
    const { there, program } = otherMachine();
    const host = await startFakeHost({ directory: there });
    try {
      const options = [`Port=${host.port}`, `UserKnownHostsFile=${host.knownHosts}`, "StrictHostKeyChecking=yes"];
      setEnvironment({ NIX_SSHOPTS: options.map((option) => `-o ${option}`).join(" ") });
      const parameters = `ssh-key=${host.keyFile}&remote-program=${program}&remote-store=${there}`;
      expect(await builtBy(`ssh://root@127.0.0.1?${parameters}`, there)).toEqual(AS_ASKED);
      expect(host.commands.some((command) => command.includes("--serve"))).toBe(true);
    } finally {
      setEnvironment({ NIX_SSHOPTS: outside["NIX_SSHOPTS"] });
      await host.close();
    }
  });

  it("refuses a store on another machine at once", async () => {
    await expect(evaluated({ store: "ssh-ng://nobody.invalid" })).rejects.toThrow(
      /store, ssh-ng:\/\/nobody\.invalid, names no store with files on this machine[^]*next: leave store at auto/,
    );
  });

  it("tells what is to be built, and what a binary cache has, without doing either; then fetches it", async () => {
    const { drvPath, outPath } = await evaluated({});
    expect(await pendingWorkOf(source({}), drvPath)).toBe("1 derivation to build");
    expect(existsSync(outPath)).toBe(false);

    await build({});
    run({}, "nix", "copy", "--to", `file://${folder}/cache`, outPath);
    rmSync(root);
    run({}, "nix", "store", "delete", outPath);
    const cache = await serveBinaryCache(join(folder, "cache"));
    try {
      const settings = { substituters: cache.url, "require-sigs": "false" };
      expect(await pendingWorkOf(source(settings), drvPath)).toMatch(/^1 path to fetch \([\d.]+ [KM]iB\)$/);
      expect(existsSync(outPath)).toBe(false);
      await expect(build(settings)).resolves.toBe(outPath);
      expect(cache.asked.filter((path) => path.startsWith("/nar/"))).toHaveLength(1);
    } finally {
      await cache.close();
    }
  });

  it("cannot tell of a derivation that is gone", async () => {
    const { drvPath } = await evaluated({});
    run({}, "nix-store", "--delete", drvPath);
    expect(await pendingWorkOf(source({}), drvPath)).toBe("");
  });
});
