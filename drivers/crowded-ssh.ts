import { setTimeout as sleep } from "node:timers/promises";
import { HostFailure } from "./ssh-host";

/**
 * sshd refuses some of the connections that begin at the same time (sshd_config's MaxStartups: of more than ten 30 % and more, by default).
 * Nothing has been sent over such a one, so it may begin again; a host that refuses all of them is an error after a few seconds.
 */
const REFUSED = /kex_exchange_identification: .*[Cc]onnection (?:closed|reset)/;

const WAITS_MS = [400, 800, 1600, 3200] as const;

/** Those that were refused together do not come together again. */
const scattered = (ms: number): number => ms * (0.5 + Math.random());

export async function unlessCrowded<T>(connect: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (const waitMs of WAITS_MS) {
    try {
      return await connect();
    } catch (error) {
      if (!(error instanceof HostFailure && REFUSED.test(error.message))) throw error;
      await sleep(scattered(waitMs), undefined, { ...(signal !== undefined && { signal }) });
    }
  }
  return connect();
}
