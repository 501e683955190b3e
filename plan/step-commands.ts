import type { Argv } from "./step";

/** The commands that steps are made of, and how long they may take. */

export interface Deadlines {
  /** Multiplies every deadline, which are for a host that runs guests natively and does nothing else. */
  readonly deadlinesFactor: number;
}

export const stretched = (seconds: number, { deadlinesFactor }: Deadlines): number =>
  Math.ceil(seconds * deadlinesFactor);

export const ADMIN_KUBECONFIG = "/etc/kubernetes/admin.conf";
export const CA_CERTIFICATE = "/etc/kubernetes/pki/ca.crt";

export const sh = (script: string): Argv => ["sh", "-c", script];
export const exists = (path: string): Argv => ["test", "-f", path];

export const kubectl = (...args: readonly string[]): Argv => ["kubectl", "--kubeconfig", ADMIN_KUBECONFIG, ...args];
/** One call takes two seconds of an emulated processor, so nothing is asked all the time. */
export const KUBECTL_SECONDS = 30;

/** Into a variable first: a list that cannot be had must fail, and in a pipe it would look like an empty one. */
export const LIST_TOKENS = `tokens=$(kubeadm --kubeconfig ${ADMIN_KUBECONFIG} token list -o json)`;
export const TOKEN_SECONDS = 40;

/**
 * Of kubeadm's token commands: their client gives up after 10 s, which an emulated API server takes when its host is busy (seen:
 * the join of another machine on the same two cores). What fails three times fails.
 */
export const threeTimes = (script: string): Argv =>
  sh(`for attempt in 1 2 3; do { ${script}; } && exit 0; sleep 1; done; exit 1`);
