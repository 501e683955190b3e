import { succeeded, type Clone } from "../fixtures/clone";

/** What the tiny image's stand-in for kubeadm writes down of its calls. */

const RECORD = "/var/log/tiny-kubeadm.log";

/** kubeadm's acts that succeeded on a machine since its disk was fresh or reset, by the machine's own record of calls. */
export function actsIn(record: string): readonly string[] {
  let current = "";
  let acts: string[] = [];
  for (const line of record.split("\n").filter((each) => each.trim() !== "")) {
    const call: { readonly event: string; readonly argv?: readonly string[]; readonly succeeded?: boolean } =
      JSON.parse(line);
    if (call.event === "begins")
      current = call.argv?.[1] === "init" && call.argv[2] === "phase" ? "phase" : (call.argv?.[1] ?? "");
    else if (call.succeeded === true && current === "reset") acts = [];
    else if (call.succeeded === true && ["init", "join"].includes(current)) acts.push(current);
  }
  return acts;
}

export const recordOn = async (clone: Clone, stack: string, node: string): Promise<string> =>
  (await clone.lab("ssh", "--stack", stack, node, "--", "cat", RECORD)).stdout;

/** As if all that kubeadm has done there had been done again. */
export const doubleRecordOn = async (clone: Clone, stack: string, node: string): Promise<void> => {
  const again = `cp ${RECORD} /tmp/record && cat /tmp/record >> ${RECORD}`;
  succeeded(await clone.lab("ssh", "--stack", stack, node, "--", again));
};
