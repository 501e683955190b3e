import type { GuestInputs, GuestOutputs, NodeAccess } from "../plan/bootstrap-resources";
import { FOREIGN_HOST_KEY, OBSERVED_OK } from "../plan/bootstrap-resources";
import { parseBootSeconds, type BootSeconds } from "../plan/boot-seconds";
import { deadlineSeconds } from "../plan/deadlines";
import { factProblems, factsCommand, parseFacts } from "../plan/node-facts";
import { checkoutRoot } from "./checkout-root";
import { ReplikubeError } from "./errors";
import { keepingEvidence } from "./evidence";
import { guestAgent } from "./guest-agent";
import { bootedHostKey, requireRunning, waitOptions } from "./guest-boot";
import { ClockRunsWrong, makeClockRight } from "./guest-clock";
import { bootedAnewWhileItsClockRunsWrong } from "./clock-resets";
import { withBootstrapEnvironment, type BootstrapEnvironment } from "./bootstrap-environment";
import { output } from "./node-commands";
import { keepingState, type Created } from "./partial-creation";
import { recorded } from "./recorded";
import type { CommandRunner } from "./runner";
import { untilAnswered } from "./ssh-answer";
import { timelineOf, type Timeline } from "./timeline";
import { stackVirsh } from "./virsh";
import { waitUntil } from "./wait";

/** From a machine that was switched on to one that is known: address and host key, SSH with that key, and sound for kubeadm. */

const CLOCK_WATCH_SECONDS = 5;
const CRI_SOCKET = "unix:///run/containerd/containerd.sock";

export const awaitGuest = (inputs: GuestInputs, olds?: GuestOutputs): Promise<Created<GuestOutputs>> =>
  keepingState(`${inputs.nodeName}-guest`, { ...olds, ...inputs }, () => becomeKnown(inputs, olds?.hostKey));

/** One that was known before and has been switched on again: nothing about it may be another. */
export async function awaitKnownGuest(inputs: GuestInputs, hostKey: string): Promise<void> {
  await becomeKnown(inputs, hostKey);
}

async function becomeKnown(inputs: GuestInputs, pinned?: string): Promise<GuestOutputs> {
  const root = checkoutRoot();
  const timeline = timelineOf(root, inputs.stack);
  const { privateKey: _, ...visible } = inputs;
  const hostKey = await keepingEvidence(
    { ...visible, root, machines: [{ node: inputs }], step: "boot", timelineFile: timeline.file },
    () => knownHostKey(inputs, timeline, pinned),
  );
  const node: NodeAccess = { ...inputs, hostKey };
  const request = { work: "first-ssh", about: node, access: inputs, nodes: [node] };
  const seen = await bootedAnewWhileItsClockRunsWrong(
    () => withBootstrapEnvironment(request, (environment) => firstSsh(environment, inputs)),
    async () => {
      const title = "start it anew, because its clock runs at another speed";
      await recorded(timeline, { machine: inputs.nodeName, step: "machine-reset", title }, () =>
        stackVirsh(inputs).run(["reset", inputs.domainName]),
      );
      await knownHostKey(inputs, timeline, hostKey);
    },
  );
  return { ...inputs, hostKey, ...seen, observed: OBSERVED_OK };
}

/** `pinned`: that it must have. */
async function knownHostKey(inputs: GuestInputs, timeline: Timeline, pinned: string | undefined): Promise<string> {
  const hostKey = await bootedHostKey(inputs, timeline);
  if (pinned !== undefined && hostKey !== pinned) {
    throw new ReplikubeError(
      `${inputs.nodeName}: ${FOREIGN_HOST_KEY}: its SSH host key is another one than when it was made: its disk was changed\nexpected: ${pinned}\ngot:      ${hostKey}\nnext: find out who did that; put its key back, or replace the machine with its disk, e.g. for worker-0: ./lab up --stack ${inputs.stack} --replace '**::worker-0'`,
    );
  }
  return hostKey;
}

/** Seconds of its boot, once it has answered and is found to be sound. */
async function firstSsh(environment: BootstrapEnvironment, inputs: GuestInputs): Promise<BootSeconds> {
  const at = (step: string, title: string) => ({ machine: inputs.nodeName, step, title });
  const { timeline } = environment;
  const runner = environment.runner(inputs.nodeName);
  await recorded(timeline, at("ssh-connect", "SSH answers with the host key that the guest agent told"), () =>
    untilAnswered(
      () => runner.run(["true"], { deadlineSeconds: deadlineSeconds("look", inputs) }),
      waitOptions(inputs, "ssh"),
      () => requireRunning(inputs),
    ),
  );
  const agent = guestAgent(stackVirsh(inputs), inputs.domainName);
  await makeClockRight({
    agent,
    runner,
    timeline,
    patience: waitOptions(inputs, "boot"),
    setSeconds: deadlineSeconds("command", inputs),
    watchSeconds: CLOCK_WATCH_SECONDS,
  }).catch(async (error: unknown) => {
    // It is about to be reset: what it has written must outlive that.
    if (error instanceof ClockRunsWrong) await syncDisks(runner, inputs);
    throw error;
  });
  await recorded(timeline, at("node-facts", "the machine is what a node has to be"), () =>
    awaitFitness(runner, inputs),
  );
  // What the first boot made, the host key among it, is about to be remembered: a loss of power must not make it another.
  await syncDisks(runner, inputs);
  const seconds = deadlineSeconds("command", inputs);
  const analysed = await runner.run(["systemd-analyze", "time"], { deadlineSeconds: seconds });
  const uptime = await runner.run(["cat", "/proc/uptime"], { deadlineSeconds: seconds });
  return parseBootSeconds(analysed.stdout, uptime.stdout);
}

const syncDisks = (runner: CommandRunner, inputs: GuestInputs): Promise<string> =>
  output(runner, ["sync"], "write the first boot to the disk", deadlineSeconds("command", inputs));

/** SSH answers before the container runtime does; nothing else that is missing comes by waiting. */
function awaitFitness(runner: CommandRunner, inputs: GuestInputs): Promise<void> {
  return waitUntil(
    async () => {
      const seconds = deadlineSeconds("command", inputs);
      const facts = parseFacts(await output(runner, factsCommand(CRI_SOCKET), "look at the machine", seconds));
      const problems = factProblems(facts, {
        nodeName: inputs.nodeName,
        criSocket: CRI_SOCKET,
        clock: Date.now() / 1000,
      });
      if (problems.length === 0) return { done: true, value: undefined };
      if (problems.length === 1 && facts.missing.includes(CRI_SOCKET)) return { done: false, seen: `no ${CRI_SOCKET}` };
      throw new ReplikubeError(
        `${inputs.nodeName}: not fit to be a node:\n${problems.map((problem) => `  ${problem}`).join("\n")}\nnext: build the node image again, or replace the machine`,
      );
    },
    waitOptions(inputs, "runtime"),
  );
}
