import * as pulumi from "@pulumi/pulumi";
import { Experiment } from "./components/experiment";
import { loadExperiment } from "./config/load";
import { loadFacts } from "./facts/load-facts";
import { recordStackWhenMade } from "./facts/record-stack";
import { planTopology } from "./plan/plan-topology";

/** Configuration, facts, plan, one experiment, its outputs. */
async function main(): Promise<Experiment["outputs"]> {
  const stack = { project: pulumi.getProject(), stack: pulumi.getStack(), checkout: process.cwd() };
  const config = loadExperiment();
  const facts = await loadFacts({ ...stack, config, preview: pulumi.runtime.isDryRun() });
  const topology = planTopology({ ...stack, config, ...facts });
  const { images, libvirtUri } = facts;
  const experiment = new Experiment(stack.stack, { config, topology, libvirtUri, images });
  recordStackWhenMade(experiment.stackId, { ...stack, libvirtUri });
  return experiment.outputs;
}

export = main;
