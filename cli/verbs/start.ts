import type { Command } from "commander";
import { proveRestarted } from "../../drivers/cluster-restart";
import { ReplikubeError } from "../../drivers/errors";
import { keepingEvidence } from "../../drivers/evidence";
import { awaitKnownGuest } from "../../drivers/guest";
import { startMachines } from "../../drivers/stack-power";
import { startSurroundings } from "../../drivers/stack-surroundings";
import { timelineFile } from "../../drivers/timeline";
import { stackVirsh } from "../../drivers/virsh";
import { sayingWhatRuns, type Touching } from "../interrupted-power";
import type { Places } from "../places";
import { currentRun } from "../pulumi-environment";
import { pulumiProgram, requireFree } from "../pulumi-program";
import { runningStack, stackOption, type StackOption } from "../running-stack";
import { runSetup } from "../setup/run-setup";
import { stackParts } from "../setup/stack-parts";
import { madeStack } from "../stack-state";
import { workOnStack } from "../stack-work";
import { sayWhatIsUp } from "../up-report";

/** Switches the machines of a stack on again, and proves that its cluster is the one that it was, and ready. */

const say = (line: string): void => void process.stderr.write(`lab: ${line}\n`);

async function switchOn(places: Places, name: string, touching: Touching): Promise<void> {
  const pulumi = await pulumiProgram(places);
  await requireFree(pulumi, places, name);
  const { sshPrivateKey } = await runningStack(places, name);
  const { readiness, machines, ...stack } = await madeStack(pulumi, places, name);
  const guests = machines.flatMap(({ guest }) => guest ?? []);
  if (readiness === undefined || guests.length < machines.length) {
    throw new ReplikubeError(
      `stack ${name} is half up: not all of its machines ever were nodes\nnext: ./lab refresh, then ./lab up: they go on where it stopped`,
    );
  }
  const privateKey = sshPrivateKey.reveal();
  const virsh = stackVirsh(readiness);
  touching({ ...stack, machines });
  await startSurroundings(virsh, stack, stack.mark);
  const workers = guests.filter(({ nodeName }) => nodeName !== readiness.controlPlane.nodeName);
  const evidence = {
    ...readiness,
    root: places.root,
    step: "start",
    machines: [{ node: readiness.controlPlane }, ...workers.map((node) => ({ node }))] as const,
    timelineFile: timelineFile(places.root, name),
  };
  await keepingEvidence(evidence, () =>
    startMachines(virsh, {
      ...stack,
      machines,
      report: say,
      awaitMachine: async ({ guest }) => {
        if (guest !== undefined) await awaitKnownGuest({ ...guest, privateKey }, guest.hostKey);
      },
    }),
  );
  say(`stack ${name}: every machine answers at its address; waiting for the cluster`);
  await proveRestarted({ ...readiness, privateKey });
  await sayWhatIsUp(places, name);
}

export const start = (places: Places, stack: string): Promise<void> =>
  workOnStack(places, { stack, verb: "start" }, () =>
    sayingWhatRuns({ stack, verb: "start" }, (touching) => switchOn(places, stack, touching)),
  );

export function startVerb(program: Command, places: Places): void {
  stackOption(program.command("start"))
    .description("switch a stopped stack on again, the control plane first, and prove that its cluster is ready")
    .action(async ({ stack }: StackOption) => {
      // What is done here belongs to this run of the timeline, as what Pulumi's programs do.
      process.env["REPLIKUBE_RUN"] = currentRun();
      await runSetup(places, say, stackParts(places, { stack }));
      await start(places, stack);
    });
}
