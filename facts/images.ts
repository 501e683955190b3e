import type { EvaluatedImage } from "../drivers/nix";
import type { ExperimentConfig } from "../plan/experiment-config";
import type { NodeRole } from "../plan/experiment-outputs";
import { imageOf, workersHaveOwnImage } from "../plan/role-images";
import { loadImage } from "./image";

/** The images of an experiment, by role: the same one twice unless they differ. */
export type ImagesByRole = Readonly<Record<NodeRole, EvaluatedImage>>;

export async function loadImages(config: ExperimentConfig, checkout: string): Promise<ImagesByRole> {
  const load = (role: NodeRole): Promise<EvaluatedImage> =>
    loadImage({ ...imageOf(config, role), nixSettings: config.nixSettings }, checkout);
  const controlPlane = await load("control-plane");
  return { "control-plane": controlPlane, worker: workersHaveOwnImage(config) ? await load("worker") : controlPlane };
}
