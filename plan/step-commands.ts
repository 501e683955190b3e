import type { Argv } from "./step";

/** The commands that steps are made of. */

export const ADMIN_KUBECONFIG = "/etc/kubernetes/admin.conf";
export const CA_CERTIFICATE = "/etc/kubernetes/pki/ca.crt";

export const sh = (script: string): Argv => ["sh", "-c", script];
export const exists = (path: string): Argv => ["test", "-f", path];

export const kubectl = (...args: readonly string[]): Argv => ["kubectl", "--kubeconfig", ADMIN_KUBECONFIG, ...args];

/** Into a variable first: a list that cannot be had must fail, and in a pipe it would look like an empty one. */
export const LIST_TOKENS = `tokens=$(kubeadm --kubeconfig ${ADMIN_KUBECONFIG} token list -o json)`;

/**
 * Of kubeadm's token commands: their client gives up after 10 s, which an emulated API server takes when its host is busy (seen:
 * the join of another machine on the same two cores). What fails three times fails.
 */
export const threeTimes = (script: string): Argv =>
  sh(`for attempt in 1 2 3; do { ${script}; } && exit 0; sleep 1; done; exit 1`);
