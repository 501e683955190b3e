import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findKubectl } from "../../cli/host-kubectl";
import type { CommandRunner } from "../../drivers/runner";

let checkout = "";
beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), "host-kubectl-"));
});
afterEach(() => rmSync(checkout, { recursive: true }));

const built = (): string => join(checkout, ".state/host-tools/bin/kubectl");

const putBuilt = (): void => {
  mkdirSync(join(checkout, ".state/host-tools/bin"), { recursive: true });
  writeFileSync(built(), "");
};

interface Search {
  readonly found: string;
  readonly calls: readonly string[];
  readonly said: readonly string[];
}

/** `versions`: what each kubectl says of itself; a program without one cannot be started. */
async function search(versions: Readonly<Record<string, string>>, nixExit = 0): Promise<Search> {
  const calls: string[] = [];
  const said: string[] = [];
  const runner: CommandRunner = {
    machine: "host",
    run: async ([program, ...args]) => {
      calls.push([program === built() ? "BUILT" : program, ...args].join(" "));
      if (program === "nix")
        return Promise.resolve({ exitCode: nixExit, stdout: "", stderr: "error: no such attribute" });
      const gitVersion = versions[program === built() ? "BUILT" : program];
      if (gitVersion === undefined) throw new Error(`spawn ${program} ENOENT`);
      return { exitCode: 0, stdout: JSON.stringify({ clientVersion: { gitVersion } }), stderr: "" };
    },
  };
  const found = await findKubectl({
    checkout,
    serverVersion: "v1.36.3",
    runner,
    report: (line) => said.push(line),
  });
  return { found, calls, said };
}

test("the one on PATH is taken when its version fits, without a word", async () => {
  expect(await search({ kubectl: "v1.35.1" })).toMatchObject({ found: "kubectl", said: [] });
});

test("one that is too old is not taken: the image's is built, and the reason is said", async () => {
  const { found, calls, said } = await search({ kubectl: "v1.32.4-dispatcher" });
  expect(found).toBe(built());
  expect(calls.at(-1)).toBe(`nix build ${checkout}#host-tools --out-link ${join(checkout, ".state/host-tools")}`);
  expect(said).toEqual([
    "kubectl: kubectl v1.32.4-dispatcher is too far from v1.36.3; building the one of the image (nix build .#host-tools)",
  ]);
});

test("what was built once is taken at once", async () => {
  putBuilt();
  const { found, calls } = await search({ BUILT: "v1.36.3" });
  expect(found).toBe(built());
  expect(calls.some((call) => call.startsWith("nix"))).toBe(false);
});

test("what was built for another version is built again", async () => {
  putBuilt();
  const { calls } = await search({ BUILT: "v1.30.0" });
  expect(calls.at(-1)).toMatch(/^nix build/);
});

test("neither of them: the error has nix's words and a way out", async () => {
  await expect(search({}, 1)).rejects.toThrow(/no kubectl for this cluster[^]*no such attribute[^]*next:/);
});
