import { existsSync, mkdirSync, readFileSync, readlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { DEADLINES } from "../plan/deadlines";
import type { ImageSettings, NixSettings } from "../plan/experiment-config";
import type { ImageFacts } from "../plan/image-facts";
import { NIX_REMEDY } from "../plan/nix-failures";
import { nixProgress } from "../plan/nix-log";
import { ReplikubeError } from "./errors";
import { parseImageFacts } from "./image-facts";
import { localRunner } from "./local-runner";
import { callNix, type NixCall } from "./nix-command";
import { findStore, isMade, placeOf, type LocalStore } from "./nix-store";
import type { CommandRunner } from "./runner";

/** Evaluates and builds node images with the real Nix. */

export interface ImageSource extends ImageSettings {
  readonly nixSettings?: NixSettings | undefined;
  /** Absent: as long as evaluations may take by default. */
  readonly evaluationSeconds?: number;
}

export interface EvaluatedImage {
  readonly facts: ImageFacts;
  /** As Nix names it. */
  readonly drvPath: string;
  /** Where it is on this machine, once it is built. */
  readonly outPath: string;
}

export interface ImageBuild extends ImageSource {
  readonly checkout: string;
  readonly store: LocalStore;
  /** Where the link to the image goes that keeps it from the garbage collector. */
  readonly root: string;
  /** What image.json must say; absent: whatever it says. */
  readonly facts?: ImageFacts;
  readonly report: (line: string) => void;
}

const SYSTEM = process.arch === "arm64" ? "aarch64-linux" : "x86_64-linux";
const NO_LOCK = ["--no-write-lock-file"] as const;
/** A long build says that it lives. */
const PROGRESS_MS = 30_000;

export const isLocalFlake = (flake: string): boolean => /^(\.|\/)/.test(flake);

/** A path that is a git checkout is taken as one by Nix: files that git does not know do not count. */
export const flakeReference = (flake: string, checkout: string): string =>
  isLocalFlake(flake) ? resolve(checkout, flake) : flake;

/** What to take instead, for whoever named an attribute that is none. */
async function attributesThatExist(flake: string, call: NixCall): Promise<string> {
  const images = `${flake}#imageFacts.${SYSTEM}`;
  try {
    const names = await callNix(["nix", "eval", ...NO_LOCK, "--json", images, "--apply", "builtins.attrNames"], call);
    const parsed: unknown = JSON.parse(names);
    return `${NIX_REMEDY["missing attribute"]}: ${Array.isArray(parsed) ? parsed.join(", ") : "it has none"}`;
  } catch {
    return `take a flake with the outputs imageFacts.${SYSTEM} and packages.${SYSTEM}, such as the one of this project`;
  }
}

function callFor(verb: string, source: ImageSource, checkout: string, runner: CommandRunner): NixCall {
  const { flake, attribute, flavour, nixSettings } = source;
  const call = { step: `${verb} ${attribute} of ${flake}`, flavour, settings: nixSettings, runner };
  const onMissingAttribute = (): Promise<string> => attributesThatExist(flakeReference(flake, checkout), call);
  return { ...call, onMissingAttribute };
}

/** What evaluation alone tells: nothing is built, no lock is written. */
export async function evaluateImage(
  source: ImageSource,
  checkout: string,
  runner: CommandRunner = localRunner,
): Promise<EvaluatedImage> {
  const { attribute } = source;
  const flake = flakeReference(source.flake, checkout);
  const { evaluationSeconds = DEADLINES.evaluation.seconds } = source;
  const call = { ...callFor("evaluate", source, checkout, runner), deadlineSeconds: evaluationSeconds };
  const evaluate = (path: string, ...more: readonly string[]): Promise<string> =>
    callNix(["nix", "eval", ...NO_LOCK, "--json", `${flake}#${path}`, ...more], call);
  const store = await findStore(call);
  const evaluatedFacts = evaluate(`imageFacts.${SYSTEM}.${attribute}`);
  if (!isMade(store)) await evaluatedFacts;
  const [facts, paths] = await Promise.all([
    evaluatedFacts,
    evaluate(`packages.${SYSTEM}.${attribute}`, "--apply", "image: { drv = image.drvPath; out = image.outPath; }"),
  ]);
  // Other names than Nix's own: it prints a set with an `outPath` as that path alone.
  const { drv, out }: { readonly drv: string; readonly out: string } = JSON.parse(paths);
  const where = `${source.flake}#imageFacts.${SYSTEM}.${attribute}`;
  return { facts: parseImageFacts(facts, where), drvPath: drv, outPath: placeOf(store, out) };
}

/** The image is what its own image.json and the evaluated facts say. */
function verifyImage(folder: string, { attribute, facts: expected }: ImageBuild): void {
  const file = join(folder, "image.json");
  if (!existsSync(file)) {
    throw new ReplikubeError(
      `host: ${attribute} is no node image: it has no image.json\nnext: ${NIX_REMEDY["missing attribute"]}`,
    );
  }
  const { facts }: { readonly facts?: unknown } = JSON.parse(readFileSync(file, "utf8"));
  const found = parseImageFacts(JSON.stringify(facts ?? null), file);
  if (expected !== undefined && !isDeepStrictEqual(found, expected)) {
    const differing = Object.entries(found).filter(([key, value]) => {
      const fact: unknown = Reflect.get(expected, key);
      return !isDeepStrictEqual(value, fact);
    });
    throw new ReplikubeError(
      `host: the built ${attribute} differs from its evaluated facts in ${differing.map(([key]) => key).join(", ")}\nnext: mend the flake: imageFacts and image.json must come from one definition`,
    );
  }
  const { disk, kernel, initrd } = found.boot;
  const missing = [disk, kernel, initrd].filter((name) => !existsSync(join(folder, name)));
  if (missing.length === 0) return;
  throw new ReplikubeError(`host: the built ${attribute} lacks ${missing.join(", ")}\nnext: mend the flake`);
}

/** Builds, verifies, and keeps the result from the garbage collector as long as `root` stands. Answers the image's directory. */
export async function buildImage(build: ImageBuild, runner: CommandRunner = localRunner): Promise<string> {
  const { attribute, checkout, store, root, report } = build;
  const progress = nixProgress();
  mkdirSync(dirname(root), { recursive: true });
  const told = setInterval(() => tell(progress.still()), PROGRESS_MS);
  const tell = (text: string | undefined): void => {
    if (text === undefined) return;
    told.refresh();
    report(text);
  };
  // Nix replaces the link once the new image is whole; it must not be moved, its path is the collector's root.
  const flags = ["--print-build-logs", "--log-format", "internal-json", "--out-link", root] as const;
  const installable = `${flakeReference(build.flake, checkout)}#packages.${SYSTEM}.${attribute}`;
  try {
    await callNix(["nix", "build", ...NO_LOCK, ...flags, installable], {
      ...callFor("build", build, checkout, runner),
      onLine: (line) => tell(progress.line(line)),
    });
  } finally {
    clearInterval(told);
  }
  const folder = placeOf(store, readlinkSync(root));
  verifyImage(folder, build);
  return folder;
}
