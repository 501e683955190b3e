import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { goldenFolder, goldenPaths } from "../golden-matcher";
import type { NodeConfiguration } from "../fixtures/nixos-parts";
import { nodeTexts } from "../fixtures/nixos-texts";
import { evaluatorIn, nixpkgsAtHand, type NixpkgsAtHand } from "../fixtures/nixpkgs";

/** The NixOS flavour, evaluated with a real nixpkgs where one is at hand. Nothing is built. */

const MINUTE = 60_000;
const SYSTEMS = ["x86_64-linux", "aarch64-linux"] as const;
const RELEASE = join(goldenFolder, "nixos/release.txt");
const configuration = readFileSync(join(__dirname, "../fixtures/nixos-over-debian/configuration.nix"), "utf8");

const forEachSystem = (...outputs: readonly string[]) =>
  SYSTEMS.flatMap((system) => outputs.map((output) => [output, system] as const));
const withSysctl = (value: number) =>
  `lib: (lib.mkNodeImage { modules = [ { services.replikube.sysctls."net.core.somaxconn" = ${value}; } ]; }).image.drvPath`;

const atHand = nixpkgsAtHand();
if (typeof atHand === "string") it.todo(`evaluates the NixOS flavour, its checks and its texts, but ${atHand}`);
else
  describe(`with ${atHand.nix.title}`, () => {
    describeWith(atHand);
  });

function describeWith(found: NixpkgsAtHand): void {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "nixos-")));
  const nixos = evaluatorIn(folder, found);
  afterAll(() => {
    execFileSync("chmod", ["-R", "u+w", folder]); // what is in a store is not
    rmSync(folder, { recursive: true });
  }, 5 * MINUTE);

  const textOf = (output: string, apply: string): string => {
    const text: string = JSON.parse(nixos.evaluate(output, apply));
    return text;
  };
  const drvPath = (output: string) => textOf(output, "output: output.drvPath");

  it.each(forEachSystem("node-image", "node-image-uki"))(
    "knows the derivation of %s for %s",
    (image, system) => {
      expect(drvPath(`packages.${system}.${image}`)).toMatch(/-node-image-nixos(-uki)?\.drv$/);
    },
    5 * MINUTE,
  );

  it.each(forEachSystem("assertions", "flavours"))(
    "passes the check %s for %s, which needs no builder",
    (check, system) => {
      expect(drvPath(`checks.${system}.${check}`)).toMatch(/\.drv$/);
    },
    10 * MINUTE,
  );

  it(
    "has the same derivation twice, and another with another option",
    () => {
      const first = textOf("lib", withSysctl(4096));
      expect(textOf("lib", withSysctl(4096))).toBe(first);
      expect(textOf("lib", withSysctl(4097))).not.toBe(first);
    },
    5 * MINUTE,
  );

  const release = textOf("lib", "lib: (lib.mkNodeImage { }).config.system.nixos.release");
  const booted = existsSync(RELEASE) ? readFileSync(RELEASE, "utf8").trim() : "none";
  if (release !== booted && process.env["UPDATE_GOLDEN"] !== "1") {
    it.todo(`says what the debian guest is booted with, but that is of NixOS ${booted}, and at hand is ${release}`);
    return;
  }
  it(
    "says what the debian guest is booted with, and there is a reason for all that it is not",
    () => {
      const answer: NodeConfiguration = JSON.parse(nixos.evaluate("lib", configuration));
      const { files, links, systemPackages, unexplained } = nodeTexts(answer, nixos.storeDir);
      expect(unexplained).toEqual([]);
      expect(`${release}\n`).toBeGolden("nixos/release.txt");
      expect(`${systemPackages.join("\n")}\n`).toBeGolden("nixos/system-packages.txt");
      const lines = [...links].map(([path, target]) => `${path} -> ${target}\n`);
      expect(lines.toSorted().join("")).toBeGolden("nixos/links.txt");
      for (const [path, text] of files) expect(text).toBeGolden(`nixos/root${path}`);
      expect(goldenPaths("nixos/root")).toEqual([...files.keys()].toSorted());
    },
    5 * MINUTE,
  );
}
