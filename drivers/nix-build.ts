import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { OBSERVED_OK } from "../plan/bootstrap-resources";
import type { NixBuildInputs, NixBuildOutputs } from "../plan/image-resources";
import { checkoutRoot } from "./checkout-root";
import { ReplikubeError } from "./errors";
import { dropKnownImages } from "./image-cache";
import { dropImageRoot, dropUnusedImages, imageRoot, keepFormerImage } from "./image-roots";
import { localRunner } from "./local-runner";
import { buildImage } from "./nix";
import { findStore } from "./nix-store";
import type { Created } from "./partial-creation";
import { recorded } from "./recorded";
import { timelineOf } from "./timeline";

/** A node image as a resource: built when it changed, kept from the garbage collector while the stack stands. */

const poolBeside = (root: string): string => join(dirname(root), "pool");

async function buildHere(inputs: NixBuildInputs, checkout: string): Promise<string> {
  const { attribute, flavour, outPath, role, nixSettings } = inputs;
  const root = imageRoot(checkout, inputs);
  const name = role === undefined ? "node image" : `${role} image`;
  const report = (line: string): void => console.error(`${name}: ${line}`);
  const call = { flavour, settings: nixSettings, runner: localRunner };
  const store = await findStore({ ...call, step: `build ${attribute}` });
  await keepFormerImage(root, outPath, { ...call, store });
  const path = await buildImage({ ...inputs, checkout, store, root, report });
  dropUnusedImages(root, poolBeside(root));
  return path;
}

export async function build(inputs: NixBuildInputs): Promise<Created<NixBuildOutputs>> {
  const { attribute, outPath, role, stack } = inputs;
  const checkout = checkoutRoot();
  // Of two that are built side by side each has a step of its own.
  const step = role === undefined ? "image-build" : `image-build-${role}`;
  const event = { machine: "host", step, title: `build ${attribute}` };
  const path = await recorded(timelineOf(checkout, stack), event, () => buildHere(inputs, checkout));
  if (path !== outPath) {
    dropKnownImages(checkout);
    throw new ReplikubeError(
      `host: the flake changed while it was built: evaluated ${outPath}, built ${path}\nnext: run up again`,
    );
  }
  return { id: attribute, outs: { ...inputs, observed: OBSERVED_OK } };
}

export const observe = (
  id: string,
  outputs: NixBuildOutputs,
): { readonly id: string; readonly props: NixBuildOutputs } => ({
  id,
  props: { ...outputs, observed: existsSync(outputs.outPath) ? OBSERVED_OK : "missing from the Nix store" },
});

export function forget(outputs: NixBuildOutputs): void {
  const root = imageRoot(checkoutRoot(), outputs);
  dropImageRoot(root, poolBeside(root));
}
