import { existsSync } from "node:fs";
import type { EvaluatedImage, ImageSource } from "../drivers/nix";
import { pendingWorkOf } from "../drivers/unbuilt-image";
import { deadlineSeconds } from "../plan/deadlines";
import type { ExperimentConfig } from "../plan/experiment-config";
import type { NodeRole } from "../plan/experiment-outputs";
import { imageOf, workersHaveOwnImage } from "../plan/role-images";
import { loadImage, type KnownImage } from "./image";

/** The images of an experiment, by role: the same one twice unless they differ. */
export type ImagesByRole = Readonly<Record<NodeRole, EvaluatedImage>>;

interface LoadedImage extends KnownImage {
  readonly source: ImageSource;
}

export interface ImagesRequest {
  readonly config: ExperimentConfig;
  readonly checkout: string;
  /** A preview says what of its time was Nix's, and which are not built yet: `up` takes minutes or an hour longer then. */
  readonly preview: boolean;
}

export async function loadImages({ config, checkout, preview }: ImagesRequest): Promise<ImagesByRole> {
  // How the machines will be accelerated is known later only.
  const evaluationSeconds = deadlineSeconds("evaluation", { deadlinesFactor: 1, ...config });
  const load = async (role: NodeRole): Promise<LoadedImage> => {
    const source = { ...imageOf(config, role), nixSettings: config.nixSettings, evaluationSeconds };
    return { source, ...(await loadImage(source, checkout)) };
  };
  const controlPlane = await load("control-plane");
  const worker = workersHaveOwnImage(config) ? await load("worker") : controlPlane;
  if (preview) await tell(new Set([controlPlane, worker]));
  return { "control-plane": controlPlane.image, worker: worker.image };
}

const evaluationText = ({ nixSeconds }: KnownImage): string =>
  nixSeconds === undefined ? "is known already (kept)" : `was evaluated in ${nixSeconds.toFixed(1)} s`;

async function tell(images: Iterable<LoadedImage>): Promise<void> {
  for (const loaded of images) {
    const { source, image } = loaded;
    console.error(`image ${source.attribute} ${evaluationText(loaded)}`);
    if (existsSync(image.outPath)) continue;
    const pending = await pendingWorkOf(source, image.drvPath);
    console.error(`image ${source.attribute} is not built yet${pending === "" ? "" : `: ${pending}`}`);
  }
}
