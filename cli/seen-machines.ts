import type { SeenMachine, SeenMachines } from "../drivers/machine-sources";
import { withNodes } from "../drivers/node-access";
import type { Secret } from "../plan/secret";
import { stackKeyIn } from "../plan/stack-key-in-state";
import { stackMembers, type StackMachine } from "../plan/stack-members";
import { tracesOf } from "../plan/stack-traces";
import type { Places } from "./places";
import { askStack, pulumiProgram } from "./pulumi-program";

/** The machines of a stack by its state, as evidence is taken of them; also of one that is half up. */
export interface StackSeen extends SeenMachines {
  readonly machines: readonly [SeenMachine, ...SeenMachine[]];
  readonly privateKey: Secret;
}

/** One that never booted to the end has a domain, and nobody can log in. */
const unbooted = ({ domainName, consoleLog }: StackMachine): SeenMachine => ({
  node: { nodeName: domainName, domainName, ...(consoleLog !== undefined && { consoleLog }) },
});

/** Answers nothing for a stack that has no machine yet. */
export async function withSeenMachines<T>(
  places: Places,
  stack: string,
  use: (seen: StackSeen) => Promise<T>,
): Promise<T | undefined> {
  const exported = await askStack(await pulumiProgram(places), places, ["export", "--stack", stack, "--show-secrets"]);
  const { machines, deadlines } = stackMembers(exported);
  const { libvirtUri } = tracesOf(exported);
  const privateKey = stackKeyIn(exported);
  const [first, ...others] = machines;
  if (privateKey === undefined || libvirtUri === undefined || first === undefined) return undefined;
  const access = { ...deadlines, stack, libvirtUri };
  return withNodes({ ...access, privateKey: privateKey.reveal() }, (runnerOf) => {
    const seen = (machine: StackMachine): SeenMachine => {
      const { guest } = machine;
      return guest === undefined ? unbooted(machine) : { node: guest, runner: runnerOf(guest) };
    };
    return use({ ...access, privateKey, machines: [seen(first), ...others.map(seen)] });
  });
}
