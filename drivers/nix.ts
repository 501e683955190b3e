import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { ImageFlavour } from "../plan/experiment-config";
import type { ImageFacts } from "../plan/image-facts";
import { NIX_REMEDY, nixErrorText, nixFailureOf, nixProgress } from "../plan/nix-log";
import { shellLine } from "../plan/shell";
import type { Argv } from "../plan/step";
import { CommandError, ReplikubeError } from "./errors";
import { localRunner } from "./local-runner";
import { nixEnvironment } from "./nix-environment";
import type { CommandRunner } from "./runner";

/** Evaluates and builds node images with the real Nix. */

export interface ImageSource {
  /** `.` or another path relative to the checkout, or any flake reference. */
  readonly flake: string;
  readonly attribute: string;
  readonly flavour: ImageFlavour;
}

export interface EvaluatedImage {
  readonly facts: ImageFacts;
  readonly drvPath: string;
  readonly outPath: string;
}

const SYSTEM = process.arch === "arm64" ? "aarch64-linux" : "x86_64-linux";
const EVALUATION_SECONDS = 600;
const NO_LOCK = ["--no-write-lock-file"] as const;

export const flakeReference = (flake: string, checkout: string): string =>
  /^(\.|\/)/.test(flake) ? resolve(checkout, flake) : flake;

async function runNix(
  runner: CommandRunner,
  step: string,
  command: Argv,
  flavour: ImageFlavour,
  onLine?: (line: string) => void,
): Promise<string> {
  let rest = "";
  const onOutput = (chunk: string): void => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine?.(line);
  };
  const result = await runner
    .run(command, {
      environment: nixEnvironment(flavour),
      ...(onLine === undefined ? { deadlineSeconds: EVALUATION_SECONDS } : { onOutput }),
    })
    .catch((error: unknown) => {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") {
        throw new ReplikubeError(
          `host: ${step}: there is no nix on PATH\nnext: ./lab setup, or install Nix 2.8 or newer`,
        );
      }
      throw error;
    });
  if (result.exitCode === 0) return result.stdout;
  const text = nixErrorText(result.stderr);
  const next = NIX_REMEDY[nixFailureOf(text)];
  throw new CommandError({ machine: "host", step, next }, shellLine(command), result.exitCode, text);
}

function isFacts(value: unknown): value is ImageFacts {
  return typeof value === "object" && value !== null && "schema" in value && value.schema === 1 && "boot" in value;
}

function factsOf(text: string, where: string): ImageFacts {
  const value: unknown = JSON.parse(text);
  if (isFacts(value)) return value;
  throw new ReplikubeError(
    `host: ${where} holds no image facts of schema 1\nnext: take a flake of this version of the image contract (docs/architecture.md)`,
  );
}

/** What evaluation alone tells: nothing is built, no lock is written. */
export async function evaluateImage(
  source: ImageSource,
  checkout: string,
  runner: CommandRunner = localRunner,
): Promise<EvaluatedImage> {
  const { attribute, flavour } = source;
  const flake = flakeReference(source.flake, checkout);
  const step = `evaluate ${attribute} of ${source.flake}`;
  const evaluate = (path: string, ...more: readonly string[]): Promise<string> =>
    runNix(runner, step, ["nix", "eval", ...NO_LOCK, "--json", `${flake}#${path}`, ...more], flavour);
  const [facts, paths] = await Promise.all([
    evaluate(`imageFacts.${SYSTEM}.${attribute}`),
    evaluate(`packages.${SYSTEM}.${attribute}`, "--apply", "image: { drv = image.drvPath; out = image.outPath; }"),
  ]);
  // Other names than Nix's own: it prints a set with an `outPath` as that path alone.
  const { drv, out }: { readonly drv: string; readonly out: string } = JSON.parse(paths);
  const where = `${source.flake}#imageFacts.${SYSTEM}.${attribute}`;
  return { facts: factsOf(facts, where), drvPath: drv, outPath: out };
}

/** Builds, and keeps the result from the garbage collector as long as `root` stands. Answers the image's directory. */
export async function buildImage(
  source: ImageSource,
  checkout: string,
  root: string,
  report: (line: string) => void,
  runner: CommandRunner = localRunner,
): Promise<string> {
  const { attribute, flavour } = source;
  const flake = flakeReference(source.flake, checkout);
  const step = `build ${attribute} of ${source.flake}`;
  const progress = nixProgress();
  mkdirSync(dirname(root), { recursive: true });
  // Nix replaces the link once the new image is whole; it must not be moved, its path is the collector's root.
  const flags = ["--print-build-logs", "--log-format", "internal-json", "--out-link", root] as const;
  await runNix(
    runner,
    step,
    ["nix", "build", ...NO_LOCK, ...flags, `${flake}#packages.${SYSTEM}.${attribute}`],
    flavour,
    (line) => {
      const text = progress.line(line);
      if (text !== undefined) report(text);
    },
  );
  const image = readFileSync(join(root, "image.json"), "utf8");
  const { facts }: { readonly facts: unknown } = JSON.parse(image);
  const { boot } = factsOf(JSON.stringify(facts), `${root}/image.json`);
  const missing = [boot.disk, boot.kernel, boot.initrd].filter((name) => !existsSync(join(root, name)));
  if (missing.length > 0) {
    throw new ReplikubeError(`host: the built image lacks ${missing.join(", ")}\nnext: mend the flake's ${attribute}`);
  }
  return realpathSync(root);
}

export const imageRoot = (checkout: string, stack: string): string => join(checkout, ".state/stacks", stack, "image");

export const dropImageRoot = (root: string): void => rmSync(root, { force: true });
