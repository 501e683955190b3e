import { CommandError, ReplikubeError } from "./errors";
import type { Virsh } from "./virsh";
import type { Observation } from "./wait";

/** Talks to the QEMU guest agent of one machine, over the hypervisor's own channel: what it tells needs no network and no trust. */
export interface GuestAgent {
  /** False while the guest has none yet; other failures throw. */
  ping(): Promise<boolean>;
  interfaces(): Promise<readonly GuestInterface[]>;
  /** Its clock, seconds since 1970. */
  time(): Promise<number>;
  /** Undefined when the guest has no such file. */
  readFile(path: string): Promise<string | undefined>;
}

/** The guest has no agent that answers: it still starts, or the agent starts again. Asking later may help. */
export class AgentSilent extends ReplikubeError {
  override readonly name = "AgentSilent";
}

/** An agent that answered once may start again while the guest boots. */
export const whenAnswering =
  <T>(look: () => Promise<Observation<T>>) =>
  async (): Promise<Observation<T>> => {
    try {
      return await look();
    } catch (error) {
      if (error instanceof AgentSilent) return { done: false, seen: error.message };
      throw error;
    }
  };

export interface GuestInterface {
  readonly name: string;
  readonly mac: string;
  /** IPv4 only. */
  readonly addresses: readonly string[];
}

/** libvirt's and the agent's sentences for a guest that is still starting. */
const NOT_YET = /agent is not (connected|responding|available)|agent not available|Guest agent/i;
const NO_FILE = /No such file or directory|failed to open file/;
const ANSWER_SECONDS = "10";
const CHUNK_BYTES = 65536;
const NANOSECONDS = 1e9;

interface Reported {
  readonly name: string;
  readonly "hardware-address"?: string;
  readonly "ip-addresses"?: readonly { readonly "ip-address": string; readonly "ip-address-type": string }[];
}

const failedWith = (error: unknown, pattern: RegExp): boolean =>
  error instanceof CommandError && pattern.test(error.output);

export function guestAgent(virsh: Virsh, domainName: string): GuestAgent {
  const execute = async <T>(name: string, args?: Readonly<Record<string, unknown>>): Promise<T> => {
    const request = JSON.stringify({ execute: name, ...(args === undefined ? {} : { arguments: args }) });
    const { stdout } = await virsh
      .run(["qemu-agent-command", domainName, "--timeout", ANSWER_SECONDS, request])
      .catch((error: unknown) => {
        if (failedWith(error, NOT_YET)) throw new AgentSilent(`${domainName}: the guest agent does not answer ${name}`);
        throw error;
      });
    const answer: { readonly return: T } = JSON.parse(stdout);
    return answer.return;
  };

  return {
    async ping() {
      try {
        await execute("guest-ping");
        return true;
      } catch (error) {
        if (error instanceof AgentSilent) return false;
        throw error;
      }
    },
    async interfaces() {
      const reported = await execute<readonly Reported[]>("guest-network-get-interfaces");
      return reported.map((each) => ({
        name: each.name,
        mac: each["hardware-address"] ?? "",
        addresses: (each["ip-addresses"] ?? [])
          .filter((address) => address["ip-address-type"] === "ipv4")
          .map((address) => address["ip-address"]),
      }));
    },
    async time() {
      return (await execute<number>("guest-get-time")) / NANOSECONDS;
    },
    async readFile(path) {
      let handle: number;
      try {
        handle = await execute<number>("guest-file-open", { path, mode: "r" });
      } catch (error) {
        if (failedWith(error, NO_FILE)) return undefined;
        throw error;
      }
      try {
        let text = "";
        for (;;) {
          const chunk = await execute<{ "buf-b64": string; eof: boolean }>("guest-file-read", {
            handle,
            count: CHUNK_BYTES,
          });
          text += Buffer.from(chunk["buf-b64"], "base64").toString("utf8");
          if (chunk.eof) return text;
        }
      } finally {
        await execute("guest-file-close", { handle });
      }
    },
  };
}
