import { imageCacheFile, readKnownImage, writeKnownImage } from "../drivers/image-cache";
import { evaluateImage, type EvaluatedImage, type ImageSource } from "../drivers/nix";

/** What is known of the node image before it is built. Nix is asked once for one content of the flake. */
export async function loadImage(source: ImageSource, checkout: string): Promise<EvaluatedImage> {
  const file = await imageCacheFile(source, checkout);
  const known = file === undefined ? undefined : readKnownImage(file);
  if (known !== undefined) return known;
  const image = await evaluateImage(source, checkout);
  // Somebody may have edited the flake meanwhile: then nobody knows of which content this is.
  if (file !== undefined && file === (await imageCacheFile(source, checkout))) writeKnownImage(file, image);
  return image;
}
