import { InvalidArgumentError, type Command } from "commander";
import { embeddedHostStatus, guestsIn } from "../../drivers/embedded-host";
import { nameOf, stopMachines } from "../../drivers/stack-power";
import { stackVirsh } from "../../drivers/virsh";
import { deadlineSeconds } from "../../plan/deadlines";
import { embeddedHostLayout } from "../../plan/embedded-host";
import type { StackMachine } from "../../plan/stack-members";
import { DEFAULT_STACK } from "../../plan/up-summary";
import { sayingWhatRuns, type Touching } from "../interrupted-power";
import { embeddedHostFolder, type Places } from "../places";
import { pulumiProgram, requireFree } from "../pulumi-program";
import { stackOption, type StackOption } from "../running-stack";
import { runSetup } from "../setup/run-setup";
import { madeStack, type MadeStack } from "../stack-state";
import { workOnStack } from "../stack-work";

/** Switches the machines of a stack off, in order, and keeps everything of it. */

interface Options extends StackOption {
  readonly deadline?: number;
}

const say = (line: string): void => void process.stderr.write(`lab: ${line}\n`);

function seconds(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError("A number of seconds, at least 1.");
}

const namesOf = (machines: readonly StackMachine[]): string => machines.map(nameOf).join(", ");

/** A host that is off runs nothing; one that only lost its libvirtd still has its guests, and is repaired to ask it. */
async function isHostOff(places: Places, libvirtUri: string): Promise<boolean> {
  const folder = embeddedHostFolder(places);
  if (embeddedHostLayout(folder).uri !== libvirtUri) return false;
  if ((await embeddedHostStatus(folder)).kind === "running") return false;
  if (guestsIn(folder).length === 0) return true;
  await runSetup(places, say);
  return false;
}

async function stop(
  places: Places,
  stack: MadeStack,
  { stack: name, deadline }: Options,
  touching: Touching,
): Promise<void> {
  const again = `./lab start${name === DEFAULT_STACK ? "" : ` --stack ${name}`}`;
  if (await isHostOff(places, stack.libvirtUri)) {
    return say(`stack ${name}: is stopped already, and so is the embedded host; ${again} brings both back`);
  }
  const started = performance.now();
  const { libvirtUri, deadlines } = stack;
  const shutdownSeconds = deadline ?? deadlineSeconds("shutdown", deadlines);
  touching(stack);
  const stopped = await stopMachines(stackVirsh({ libvirtUri, ...deadlines }), {
    ...stack,
    shutdownSeconds,
    report: say,
  });
  const missing = stack.machines.filter((machine) => !stopped.some((each) => each.machine === machine));
  if (missing.length > 0) {
    say(`${namesOf(missing)}: not there any more; ./lab refresh, then ./lab up, make what is missing again`);
  }
  if (stopped.every(({ outcome }) => outcome === "was off")) {
    return say(`stack ${name}: is stopped already; ${again} brings it back`);
  }
  const took = Math.round((performance.now() - started) / 1000);
  say(`stack ${name}: stopped after ${took} s, with disks and addresses kept; ${again} brings it back`);
}

export function stopVerb(program: Command, places: Places): void {
  stackOption(program.command("stop"))
    .description("shut down the machines of a stack and keep them: workers first, the control plane last")
    .option(
      "-d, --deadline <seconds>",
      "for each machine's shutdown, else the stack's own; then it is switched off",
      seconds,
    )
    .action(async (options: Options) => {
      const command = { stack: options.stack, verb: "stop" } as const;
      await workOnStack(places, command, () =>
        sayingWhatRuns(command, async (touching) => {
          const pulumi = await pulumiProgram(places);
          await requireFree(pulumi, places, options.stack);
          await stop(places, await madeStack(pulumi, places, options.stack), options, touching);
        }),
      );
    });
}
