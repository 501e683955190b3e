import { z } from "zod";
import type { ImageFacts } from "../plan/image-facts";
import { problemList } from "../plan/problems";
import { ReplikubeError } from "./errors";

/** Image facts as they come out of a flake or an image.json, which anybody may have written. */

const fileName = z.string().regex(/^[^/]+$/, "expected a file name inside the image directory");

const imageFacts: z.ZodType<ImageFacts> = z.object({
  schema: z.literal(1),
  flavour: z.enum(["nixos", "debian", "tiny"]),
  system: z.string(),
  boot: z.object({
    mode: z.literal("kernel"),
    disk: fileName,
    kernel: fileName,
    initrd: fileName,
    commandLine: z.string(),
  }),
  kubernetesVersion: z.string().regex(/^v\d+\.\d+\.\d+/, "expected a version with its v, such as v1.36.3"),
  containerImages: z.array(z.string()),
  cni: z.object({ name: z.enum(["flannel", "none"]), manifest: z.string() }),
  kubeadm: z.object({
    criSocket: z.string(),
    imageRepository: z.string(),
    etcdImageTag: z.string(),
    corednsImageTag: z.string(),
  }),
  nodeNameTemplate: z.string(),
});

/** `where` names the text for the error. */
export function parseImageFacts(text: string, where: string): ImageFacts {
  const result = imageFacts.safeParse(JSON.parse(text));
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => ({ path: path.join(".") || "facts", text: message }));
  throw new ReplikubeError(
    `host: ${where} holds no image facts of schema 1:\n${problemList(problems)}\nnext: take a flake of this version of the image contract (docs/architecture.md)`,
  );
}
