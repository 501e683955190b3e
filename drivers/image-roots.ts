import { existsSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { NixBuildInputs } from "../plan/image-resources";
import { stackDirectory } from "../plan/plan-topology";
import { backingFileOf, QCOW2_HEADER_BYTES } from "../plan/qcow2-header";
import { firstBytes } from "./first-bytes";
import { callNix, type NixCall } from "./nix-command";
import { placeOf, type LocalStore } from "./nix-store";
import { ifAllowed, presenceOf } from "./visible-files";

/**
 * Images that a stack still needs, kept from Nix's garbage collector: besides the current ones (its own, and that of workers
 * which have another) those on which volumes of the stack still stand, which outlive an `up` that failed half-way. Each is a
 * link to the name of the image in the Nix store, wherever that lies.
 */

const CURRENT = "image";
/** No current one may begin so. */
const FORMER = "image-";

export const imageRoot = (checkout: string, { stack, role }: Pick<NixBuildInputs, "stack" | "role">): string =>
  join(stackDirectory(checkout, stack), role === undefined ? CURRENT : `${role}-${CURRENT}`);

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
  outPath: string,
  { store, ...call }: Omit<NixCall, "step"> & { readonly store: LocalStore },
): Promise<void> {
  const former = targetOf(root);
  if (former === undefined || basename(former) === basename(outPath) || !existsSync(placeOf(store, former))) return;
  const step = "keep the former image while machines use it";
  await callNix(["nix", "build", former, "--out-link", formerRoot(root, former)], { ...call, step });
}

/** Empty when the file has gone meanwhile: workers' machines may be replaced while the control plane's image is built. */
function headerOf(path: string): Uint8Array {
  try {
    return firstBytes(path, QCOW2_HEADER_BYTES);
  } catch (error) {
    if (presenceOf(path) !== "gone") throw error;
    return new Uint8Array();
  }
}

/** What volumes of `pool` stand on; undefined: that cannot be seen. The system's libvirt makes pools and disks for root alone. */
function imagesBelow(pool: string): readonly string[] | undefined {
  if (!existsSync(pool)) return undefined;
  return ifAllowed(() =>
    readdirSync(pool)
      .flatMap((name) => backingFileOf(headerOf(join(pool, name))) ?? [])
      .map((disk) => basename(dirname(disk))),
  );
}

/** Former images on which no volume of `pool` stands. A pool that cannot be seen from here keeps them all. */
export function dropUnusedImages(root: string, pool: string): void {
  const used = imagesBelow(pool);
  if (used === undefined) return;
  const folder = dirname(root);
  for (const name of readdirSync(folder).filter((each) => each.startsWith(FORMER))) {
    const image = targetOf(join(folder, name));
    if (image === undefined || !used.includes(basename(image))) rmSync(join(folder, name), { force: true });
  }
}

/** When nothing of the stack needs it any more: the stack's own goes with the stack, and with it all former ones. */
export function dropImageRoot(root: string, pool: string): void {
  rmSync(root, { force: true });
  const folder = dirname(root);
  if (basename(root) !== CURRENT) return dropUnusedImages(root, pool);
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    if (name.startsWith(FORMER)) rmSync(join(folder, name), { force: true });
  }
}
