/** The configuration of the running stack, as Pulumi hands it to the program. */
import * as pulumi from "@pulumi/pulumi";
import type { ExperimentConfig } from "../plan/experiment-config";
import { parseExperiment } from "./parse-experiment";

export function loadExperiment(): ExperimentConfig {
  const project = pulumi.getProject();
  const prefix = `${project}:`;
  const own = Object.entries(pulumi.runtime.allConfig()).filter(([key]) => key.startsWith(prefix));
  return parseExperiment(Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), value])), {
    project,
    stack: pulumi.getStack(),
  });
}
