import type { GuestInputs, GuestOutputs, NodeAccess } from "../plan/bootstrap-resources";
import { OBSERVED_OK } from "../plan/bootstrap-resources";
import { parseBootSeconds } from "../plan/boot-seconds";
import { factProblems, factsCommand, parseFacts } from "../plan/node-facts";
import { checkoutRoot } from "./checkout-root";
import { ReplikubeError } from "./errors";
import { AgentSilent, guestAgent, type GuestAgent } from "./guest-agent";
import { withBootstrapEnvironment } from "./bootstrap-environment";
import { output } from "./node-commands";
import { keepingState, type Created } from "./partial-creation";
import { recorded } from "./recorded";
import type { CommandRunner } from "./runner";
import { timelineOf, type Timeline } from "./timeline";
import { virshFor } from "./virsh";
import { waitUntil, type Observation } from "./wait";

/** From a machine that was switched on to one that is known: agent, planned address, host key, SSH, and sound for kubeadm. */

const SECONDS = { agent: 180, address: 60, hostKey: 60, ssh: 90, runtime: 60, read: 30 } as const;
const HOST_KEY = "/etc/ssh/ssh_host_ed25519_key.pub";
const CRI_SOCKET = "unix:///run/containerd/containerd.sock";
const NEXT = "look at the machine's console: ./lab console";

export const awaitGuest = (inputs: GuestInputs): Promise<Created<GuestOutputs>> =>
  keepingState(`${inputs.nodeName}-guest`, inputs, async () => {
    const timeline = timelineOf(checkoutRoot(), inputs.stack);
    const agent = guestAgent(virshFor(inputs.libvirtUri), inputs.domainName);
    const hostKey = await throughAgent(agent, inputs, timeline);
    const node: NodeAccess = { ...inputs, hostKey };
    return withBootstrapEnvironment({ access: inputs, nodes: [node] }, async (environment) => {
      const at = (step: string, title: string) => ({ machine: inputs.nodeName, step, title });
      const runner = environment.runner(inputs.nodeName);
      await recorded(timeline, at("ssh-connect", "SSH answers with the host key that the guest agent told"), () =>
        waitUntil(
          async () => {
            try {
              await runner.run(["true"], { deadlineSeconds: SECONDS.read });
              return { done: true, value: undefined };
            } catch (error) {
              // A wrong key never becomes the right one.
              if (error instanceof ReplikubeError && error.name === "HostKeyMismatch") throw error;
              return { done: false, seen: error instanceof Error ? error.message : String(error) };
            }
          },
          waitOptions(inputs, "ssh"),
        ),
      );
      await recorded(timeline, at("node-facts", "the machine is what a node has to be"), () =>
        awaitFitness(runner, inputs),
      );
      const analysed = await runner.run(["systemd-analyze", "time"], {
        deadlineSeconds: SECONDS.read * inputs.deadlinesFactor,
      });
      const uptime = await runner.run(["cat", "/proc/uptime"], {
        deadlineSeconds: SECONDS.read * inputs.deadlinesFactor,
      });
      return { ...inputs, hostKey, ...parseBootSeconds(analysed.stdout, uptime.stdout), observed: OBSERVED_OK };
    });
  });

/** SSH answers before the container runtime does; nothing else that is missing comes by waiting. */
function awaitFitness(runner: CommandRunner, inputs: GuestInputs): Promise<void> {
  return waitUntil(
    async () => {
      const deadlineSeconds = SECONDS.read * inputs.deadlinesFactor;
      const facts = parseFacts(await output(runner, factsCommand(CRI_SOCKET), "look at the machine", deadlineSeconds));
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

const waitOptions = (inputs: GuestInputs, name: keyof typeof SECONDS) => ({
  context: { machine: inputs.nodeName, step: `wait for the machine (${name})`, next: NEXT },
  awaited: {
    agent: "its guest agent",
    address: "its address",
    hostKey: "its SSH host key",
    ssh: "SSH",
    runtime: "its container runtime",
    read: "an answer",
  }[name],
  deadlineSeconds: SECONDS[name] * inputs.deadlinesFactor,
  intervalSeconds: 0.5,
});

/** An agent that answered once may start again while the guest boots. */
const whenAnswering =
  <T>(look: () => Promise<Observation<T>>) =>
  async (): Promise<Observation<T>> => {
    try {
      return await look();
    } catch (error) {
      if (error instanceof AgentSilent) return { done: false, seen: error.message };
      throw error;
    }
  };

/** The hypervisor's own channel: address and host key are known before the first connection. */
async function throughAgent(agent: GuestAgent, inputs: GuestInputs, timeline: Timeline): Promise<string> {
  const at = (step: string, title: string) => ({ machine: inputs.nodeName, step, title });
  await recorded(timeline, at("machine-boot", "boot until the guest agent answers"), () =>
    waitUntil(
      async () => ((await agent.ping()) ? { done: true, value: undefined } : { done: false, seen: "no agent yet" }),
      waitOptions(inputs, "agent"),
    ),
  );
  return recorded(timeline, at("agent-address-key", "address as planned, and the SSH host key"), async () => {
    await waitUntil(
      whenAnswering(async () => {
        const addresses = (await agent.interfaces())
          .filter(({ name }) => name !== "lo")
          .flatMap((each) => each.addresses);
        if (addresses.includes(inputs.address)) return { done: true, value: undefined };
        return { done: false, seen: `expected ${inputs.address}, got ${addresses.join(", ") || "no address"}` };
      }),
      waitOptions(inputs, "address"),
    );
    return waitUntil(
      whenAnswering(async () => {
        const key = ((await agent.readFile(HOST_KEY)) ?? "").trim();
        if (/^ssh-ed25519 [A-Za-z0-9+/=]{68,}/.test(key))
          return { done: true, value: key.split(" ").slice(0, 2).join(" ") };
        return { done: false, seen: key === "" ? `no ${HOST_KEY}` : "a key that is not ed25519" };
      }),
      waitOptions(inputs, "hostKey"),
    );
  });
}
