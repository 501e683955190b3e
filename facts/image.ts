import { imageCacheFile, readKnownImage, writeKnownImage } from "../drivers/image-cache";
import { evaluateImage, type EvaluatedImage, type ImageSource } from "../drivers/nix";

/** What is known of the node image before it is built. Nix is asked once for one content of the flake. */

export interface KnownImage {
  readonly image: EvaluatedImage;
  /** How long Nix took; absent: it was not asked. */
  readonly nixSeconds?: number;
}

export async function loadImage(source: ImageSource, checkout: string): Promise<KnownImage> {
  const file = await imageCacheFile(source, checkout);
  const known = file === undefined ? undefined : readKnownImage(file);
  if (known !== undefined) return { image: known };
  const began = performance.now();
  const image = await evaluateImage(source, checkout);
  const nixSeconds = (performance.now() - began) / 1000;
  // Somebody may have edited the flake meanwhile: then nobody knows of which content this is.
  if (file !== undefined && file === (await imageCacheFile(source, checkout))) writeKnownImage(file, image);
  return { image, nixSeconds };
}
