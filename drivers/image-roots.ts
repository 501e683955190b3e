import { closeSync, existsSync, openSync, readdirSync, readlinkSync, readSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { ImageFlavour } from "../plan/experiment-config";
import { backingFileOf, QCOW2_HEADER_BYTES } from "../plan/qcow2-header";
import { callNix } from "./nix-command";
import { localRunner } from "./local-runner";
import type { CommandRunner } from "./runner";

/**
 * Images that a stack still needs, kept from Nix's garbage collector: besides the current one those on which volumes of the
 * stack still stand, which outlive an `up` that failed half-way.
 */

const FORMER = "image-";

const formerRoot = (root: string, outPath: string): string =>
  join(dirname(root), `${FORMER}${basename(outPath).slice(0, 8)}`);

const targetOf = (link: string): string | undefined => {
  try {
    return readlinkSync(link);
  } catch {
    return undefined; // no link there
  }
};

/** Before `root` is given to another image. */
export async function keepFormerImage(
  root: string,
  { outPath, flavour }: { readonly outPath: string; readonly flavour: ImageFlavour },
  runner: CommandRunner = localRunner,
): Promise<void> {
  const former = targetOf(root);
  if (former === undefined || former === outPath || !existsSync(former)) return;
  const call = { step: "keep the former image while machines use it", flavour, runner };
  await callNix(["nix", "build", former, "--out-link", formerRoot(root, former)], call);
}

function firstBytes(path: string): Buffer {
  const file = openSync(path, "r");
  try {
    const header = Buffer.alloc(QCOW2_HEADER_BYTES);
    return header.subarray(0, readSync(file, header));
  } finally {
    closeSync(file);
  }
}

/** Former images on which no volume of `pool` stands. A pool that cannot be seen from here keeps them all. */
export function dropUnusedImages(root: string, pool: string): void {
  if (!existsSync(pool)) return;
  const used = readdirSync(pool).flatMap((name) => backingFileOf(firstBytes(join(pool, name))) ?? []);
  const folder = dirname(root);
  for (const name of readdirSync(folder).filter((each) => each.startsWith(FORMER))) {
    const image = targetOf(join(folder, name));
    if (image === undefined || !used.some((file) => file.startsWith(`${image}/`))) rmSync(join(folder, name));
  }
}

/** All of them, with the stack. */
export function dropImageRoots(root: string): void {
  const folder = dirname(root);
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    if (name === basename(root) || name.startsWith(FORMER)) rmSync(join(folder, name), { force: true });
  }
}
