import type { GuestInputs } from "../plan/bootstrap-resources";
import { deadlineSeconds, lengthen, type Deadlines } from "../plan/deadlines";
import { ReplikubeError } from "./errors";
import { guestAgent, whenAnswering, type GuestAgent } from "./guest-agent";
import { tellingPanic } from "./kernel-panic";
import { runState, wakingAdvice } from "./libvirt/run-state";
import { recorded } from "./recorded";
import type { Timeline } from "./timeline";
import { stackVirsh } from "./virsh";
import { waitUntil, type Observation } from "./wait";

/** From power on until the hypervisor's own channel has told the address and the SSH host key. */

const HOST_KEY = "/etc/ssh/ssh_host_ed25519_key.pub";
const NEXT = "look at the machine's console: ./lab console";

type Booting = Deadlines & Pick<GuestInputs, "nodeName">;

const AWAITED = {
  boot: "its guest agent",
  address: "its address",
  hostKey: "its SSH host key",
  ssh: "SSH",
  runtime: "its container runtime",
} as const;

export const waitOptions = (inputs: Booting, name: keyof typeof AWAITED) => ({
  context: { machine: inputs.nodeName, step: `wait for the machine (${name})`, next: `${NEXT}; ${lengthen(name)}` },
  awaited: AWAITED[name],
  deadlineSeconds: deadlineSeconds(name, inputs),
  intervalSeconds: 0.5,
});

/** A guest that stands still will not answer; the rest of the deadline would only be lost. */
export async function requireRunning(inputs: GuestInputs): Promise<void> {
  const { nodeName, domainName } = inputs;
  const { running, text } = await runState(stackVirsh(inputs), domainName);
  if (running) return;
  const next = wakingAdvice(text) ?? `${NEXT}; ./lab refresh and ./lab up start it again`;
  throw new ReplikubeError(`${nodeName}: does not run while it boots: domain ${domainName} is ${text}\nnext: ${next}`);
}

/** What is seen of a guest that runs; one that stands still is the reason of whatever failed. */
const whileRunning =
  <T>(inputs: GuestInputs, look: () => Promise<Observation<T>>) =>
  async (): Promise<Observation<T>> => {
    const seen = await whenAnswering(look)().catch(async (error: unknown) => {
      await requireRunning(inputs);
      throw error;
    });
    if (!seen.done) await requireRunning(inputs);
    return seen;
  };

/** The host key; the address is as planned then. Both are known before the first connection. */
export async function bootedHostKey(inputs: GuestInputs, timeline: Timeline): Promise<string> {
  const agent: GuestAgent = guestAgent(stackVirsh(inputs), inputs.domainName);
  const at = (step: string, title: string) => ({ machine: inputs.nodeName, step, title });
  await recorded(timeline, at("machine-boot", "boot until the guest agent answers"), () =>
    tellingPanic(inputs, () =>
      waitUntil(
        whileRunning(inputs, async () =>
          (await agent.ping()) ? { done: true, value: undefined } : { done: false, seen: "no agent yet" },
        ),
        waitOptions(inputs, "boot"),
      ),
    ),
  );
  return recorded(timeline, at("agent-address-key", "address as planned, and the SSH host key"), async () => {
    await waitUntil(
      whileRunning(inputs, async () => {
        const addresses = (await agent.interfaces())
          .filter(({ name }) => name !== "lo")
          .flatMap((each) => each.addresses);
        if (addresses.includes(inputs.address)) return { done: true, value: undefined };
        return { done: false, seen: `expected ${inputs.address}, got ${addresses.join(", ") || "no address"}` };
      }),
      waitOptions(inputs, "address"),
    );
    return waitUntil(
      whileRunning(inputs, async () => {
        const key = ((await agent.readFile(HOST_KEY)) ?? "").trim();
        if (/^ssh-ed25519 [A-Za-z0-9+/=]{68,}/.test(key))
          return { done: true, value: key.split(" ").slice(0, 2).join(" ") };
        return { done: false, seen: key === "" ? `no ${HOST_KEY}` : "a key that is not ed25519" };
      }),
      waitOptions(inputs, "hostKey"),
    );
  });
}
