import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { OBSERVED_OK } from "../plan/bootstrap-resources";
import type { NixBuildInputs, NixBuildOutputs } from "../plan/image-resources";
import { checkoutRoot } from "./checkout-root";
import { ReplikubeError } from "./errors";
import { dropKnownImages } from "./image-cache";
import { dropImageRoots, dropUnusedImages, keepFormerImage } from "./image-roots";
import { buildImage, imageRoot } from "./nix";
import type { Created } from "./partial-creation";
import { recorded } from "./recorded";
import { timelineOf } from "./timeline";

/** The node image as a resource: built when it changed, kept from the garbage collector while the stack stands. */

const report = (line: string): void => console.error(`node image: ${line}`);

export async function build(inputs: NixBuildInputs): Promise<Created<NixBuildOutputs>> {
  const checkout = checkoutRoot();
  const root = imageRoot(checkout, inputs.stack);
  const event = { machine: "host", step: "image-build", title: `build ${inputs.attribute}` };
  await keepFormerImage(root, inputs);
  const path = await recorded(timelineOf(checkout, inputs.stack), event, () =>
    buildImage({ ...inputs, checkout, root, report }),
  );
  dropUnusedImages(root, join(dirname(root), "pool"));
  if (path !== inputs.outPath) {
    dropKnownImages(checkout);
    throw new ReplikubeError(
      `host: the flake changed while it was built: evaluated ${inputs.outPath}, built ${path}\nnext: run up again`,
    );
  }
  return { id: inputs.attribute, outs: { ...inputs, observed: OBSERVED_OK } };
}

export const observe = (
  id: string,
  outputs: NixBuildOutputs,
): { readonly id: string; readonly props: NixBuildOutputs } => ({
  id,
  props: { ...outputs, observed: existsSync(outputs.outPath) ? OBSERVED_OK : "missing from the Nix store" },
});

export const forget = ({ stack }: NixBuildOutputs): void => dropImageRoots(imageRoot(checkoutRoot(), stack));
