import type { ClusterConfigurations, KubeadmInitInputs, KubeadmInitOutputs } from "../plan/bootstrap-resources";
import { OBSERVED_OK } from "../plan/bootstrap-resources";
import { configurationWords } from "../plan/cluster-configuration";
import { deadlineSeconds } from "../plan/deadlines";
import { configurationStep } from "../plan/init-steps";
import type { BootstrapEnvironment } from "./bootstrap-environment";
import { ReplikubeError } from "./errors";
import { readConfigurations } from "./node-commands";
import { executeStep } from "./step-executor";

/** As kubeadm first wrote it. What a refresh saw to be another is written again; what nobody has been shown yet stays as it is. */
export async function keptConfiguration(
  environment: BootstrapEnvironment,
  inputs: KubeadmInitInputs,
  olds: KubeadmInitOutputs | undefined,
): Promise<ClusterConfigurations> {
  const { nodeName } = inputs.controlPlane;
  const read = (): Promise<ClusterConfigurations> =>
    readConfigurations(environment.runner(nodeName), deadlineSeconds("command", inputs));
  const known = olds?.configuration;
  if (known === undefined || olds?.caCertHash === undefined) return read();
  if (olds.observed === OBSERVED_OK || configurationWords(known, await read()).length === 0) return known;
  await executeStep(environment, configurationStep(inputs, inputs));
  const words = configurationWords(known, await read());
  if (words.length === 0) return known;
  throw new ReplikubeError(
    `${nodeName}: kubeadm's configuration is another one still after it was stored again: ${words.join("; ")}\nnext: was the cluster upgraded? Replace its control plane to have it as planned`,
  );
}
