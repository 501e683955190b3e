/** The configuration of the running stack, as Pulumi hands it to the program. */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { variable } from "../plan/environment";
import type { ExperimentConfig } from "../plan/experiment-config";
import { parseExperiment } from "./parse-experiment";

/** Language hosts say so to @pulumi/pulumi, which keeps it from programs. */
function secretKeys(environment: NodeJS.ProcessEnv): readonly string[] {
  return z.array(z.string()).parse(JSON.parse(variable(environment, "PULUMI_CONFIG_SECRET_KEYS") ?? "[]"));
}

export function loadExperiment(): ExperimentConfig {
  const project = pulumi.getProject();
  const prefix = `${project}:`;
  const ownName = (key: string): readonly string[] => (key.startsWith(prefix) ? [key.slice(prefix.length)] : []);
  const values = Object.entries(pulumi.runtime.allConfig()).flatMap(([key, value]) =>
    ownName(key).map((name) => [name, value] as const),
  );
  const stack = { project, stack: pulumi.getStack() };
  return parseExperiment(Object.fromEntries(values), stack, secretKeys(process.env).flatMap(ownName));
}
