import { existsSync, readFileSync, realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import { readHostRecord } from "../drivers/embedded-host-record";
import { deadlineSeconds } from "../plan/deadlines";
import { embeddedHostLayout } from "../plan/embedded-host";
import { variable } from "../plan/environment";
import type { ExperimentConfig } from "../plan/experiment-config";
import type { StackName } from "../plan/names";
import { PlanError, type Problem } from "../plan/problems";
import type { Acceleration } from "../plan/topology";
import { accelerationOf } from "./acceleration";
import { claimCidr } from "./cidr-claim";
import { requireFreshBuild } from "./fresh-build";
import { loadImages, type ImagesByRole } from "./images";

/** Everything that must be known before an experiment can be planned: the only I/O while the program loads. */

export interface FactsRequest extends StackName {
  /** Absolute path of the project. */
  readonly checkout: string;
  readonly config: ExperimentConfig;
  readonly preview: boolean;
}

export interface LoadedFacts {
  readonly images: ImagesByRole;
  readonly cidr: string;
  readonly acceleration: Acceleration;
  readonly libvirtUri: string;
  /** When the configuration names a file. */
  readonly cniManifest?: string;
}

/** Of the checkout's embedded host, if it has ever been started; one that is stopped has no record, and its stacks are there still. */
export function embeddedUri(checkout: string): string | undefined {
  const folder = join(checkout, ".state/host");
  const known = readHostRecord(join(folder, "host.json"))?.uri;
  return known ?? (existsSync(join(folder, "lock")) ? embeddedHostLayout(realpathSync(folder)).uri : undefined);
}

export function libvirtUriOf(
  { libvirtUri }: Pick<ExperimentConfig, "libvirtUri">,
  checkout: string,
  environment: NodeJS.ProcessEnv = process.env,
): string {
  return libvirtUri ?? variable(environment, "LIBVIRT_DEFAULT_URI") ?? embeddedUri(checkout) ?? "qemu:///system";
}

/** Files that the configuration names. */
function fileProblems({ cni, workload }: ExperimentConfig, checkout: string): readonly Problem[] {
  const named = [
    ...(isManifest(cni) ? [{ path: "cni", file: cni }] : []),
    ...(workload?.manifests ?? []).map((file, index) => ({ path: `workload.manifests[${index}]`, file })),
  ];
  return named
    .filter(({ file }) => !existsSync(resolve(checkout, file)))
    .map(({ path, file }) => ({ path, text: `there is no file ${resolve(checkout, file)}` }));
}

const isManifest = (cni: string): boolean => cni !== "flannel" && cni !== "none";

export async function loadFacts({ project, stack, checkout, config, preview }: FactsRequest): Promise<LoadedFacts> {
  requireFreshBuild(checkout);
  const problems = fileProblems(config, checkout);
  if (problems.length > 0) throw new PlanError(problems);
  const libvirtUri = libvirtUriOf(config, checkout);
  const lookSeconds = deadlineSeconds("virsh", { deadlinesFactor: 1, ...config });
  const [images, cidr] = await Promise.all([
    loadImages({ config, checkout, preview }),
    claimCidr({ project, stack, checkout, cidrPool: config.cidrPool, libvirtUri, lookSeconds }),
  ]);
  const { facts, outPath } = images["control-plane"];
  const kernel = join(outPath, facts.boot.kernel);
  const acceleration = await accelerationOf({ setting: config.acceleration, libvirtUri, checkout, kernel });
  return {
    images,
    cidr,
    libvirtUri,
    acceleration,
    ...(isManifest(config.cni) && { cniManifest: readFileSync(resolve(checkout, config.cni), "utf8") }),
  };
}
