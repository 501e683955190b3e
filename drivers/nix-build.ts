import { existsSync } from "node:fs";
import { OBSERVED_OK } from "../plan/bootstrap-resources";
import type { NixBuildInputs, NixBuildOutputs } from "../plan/image-resources";
import { checkoutRoot } from "./checkout-root";
import { ReplikubeError } from "./errors";
import { buildImage, dropImageRoot, imageRoot } from "./nix";
import type { Created } from "./partial-creation";
import { recorded } from "./recorded";
import { timelineOf } from "./timeline";

/** The node image as a resource: built when it changed, kept from the garbage collector while the stack stands. */

export async function build(inputs: NixBuildInputs): Promise<Created<NixBuildOutputs>> {
  const checkout = checkoutRoot();
  const event = { machine: "host", step: "image-build", title: `build ${inputs.attribute}` };
  const path = await recorded(timelineOf(checkout, inputs.stack), event, () =>
    buildImage(inputs, checkout, imageRoot(checkout, inputs.stack), (line) => console.error(`node image: ${line}`)),
  );
  if (path !== inputs.outPath) {
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

export const forget = ({ stack }: NixBuildOutputs): void => dropImageRoot(imageRoot(checkoutRoot(), stack));
