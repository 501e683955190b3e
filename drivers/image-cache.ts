import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { NixSettings } from "../plan/experiment-config";
import { parseImageFacts } from "./image-facts";
import { localRunner } from "./local-runner";
import { flakeReference, isLocalFlake, type EvaluatedImage, type ImageSource } from "./nix";
import type { CommandRunner } from "./runner";
import { writeWholeFile } from "./whole-file";

/** Evaluated images by what they were evaluated from, so that the next preview needs no Nix. */

const GIT_SECONDS = 20;
/** Every edit of a checkout makes another content; the newest are asked for again. */
const KEPT = 20;
/** `…?rev=HASH`, `github:owner/repo/HASH`, `…narHash=…`: what cannot be another flake tomorrow. */
const LOCKED = /[/=][0-9a-f]{40}\b|[?&]narHash=/;

const folderOf = (checkout: string): string => join(checkout, ".state/facts");

const digestOf = (...parts: readonly string[]): string =>
  createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, 32);

/** The content of every file that git knows: what Nix makes a flake's source of. */
async function contentOf(folder: string, runner: CommandRunner): Promise<string | undefined> {
  const git = (...args: readonly string[]) =>
    runner.run(["git", "-C", folder, ...args], { deadlineSeconds: GIT_SECONDS, environment: { LC_ALL: "C" } });
  try {
    // The commit's tree and not its name: another message is no other flake.
    const [tree, changes] = await Promise.all([
      git("rev-parse", "HEAD^{tree}"),
      git("diff", "HEAD", "--binary", "--no-ext-diff", "--no-textconv"),
    ]);
    return tree.exitCode === 0 && changes.exitCode === 0 ? digestOf(tree.stdout, changes.stdout) : undefined;
  } catch {
    return undefined; // no git, or no answer in time
  }
}

/** In which store the image is, and what else may change an evaluation, as far as settings of Nix reach this program. */
const nixSays = (own: NixSettings, { NIX_CONFIG = "", NIX_REMOTE = "" } = process.env): readonly string[] => [
  NIX_CONFIG,
  NIX_REMOTE,
  JSON.stringify(own),
];

/** Where the evaluated image is kept; undefined when nothing tells that it is still the same. */
export async function imageCacheFile(
  source: ImageSource,
  checkout: string,
  runner: CommandRunner = localRunner,
): Promise<string | undefined> {
  const flake = flakeReference(source.flake, checkout);
  const content = isLocalFlake(source.flake)
    ? await contentOf(flake, runner)
    : LOCKED.test(flake)
      ? "locked"
      : undefined;
  if (content === undefined) return undefined;
  const { attribute, flavour, nixSettings = {} } = source;
  const name = digestOf(flake, attribute, flavour, process.arch, content, ...nixSays(nixSettings));
  return join(folderOf(checkout), `${name}.json`);
}

const isText = (value: unknown): value is string => typeof value === "string" && value.startsWith("/");

/** Undefined when there is none, or something that we did not write. */
export function readKnownImage(file: string): EvaluatedImage | undefined {
  try {
    const { facts, drvPath, outPath }: Readonly<Record<string, unknown>> = JSON.parse(readFileSync(file, "utf8"));
    if (!isText(drvPath) || !isText(outPath)) return undefined;
    return { facts: parseImageFacts(JSON.stringify(facts), file), drvPath, outPath };
  } catch {
    return undefined;
  }
}

export function writeKnownImage(file: string, image: EvaluatedImage): void {
  writeWholeFile(file, JSON.stringify(image));
  const folder = dirname(file);
  const byAge = readdirSync(folder)
    .map((name) => join(folder, name))
    .map((path) => ({ path, at: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((a, b) => b.at - a.at);
  for (const { path } of byAge.slice(KEPT)) rmSync(path, { force: true });
}

export const dropKnownImages = (checkout: string): void => rmSync(folderOf(checkout), { recursive: true, force: true });
