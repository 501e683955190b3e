/** Which part of the way from flake to Ready a step belongs to: the words of the timeline and of the summary after up. */
export const PHASES = ["image", "boot", "agent", "ssh", "init", "cni", "join", "ready", "restart"] as const;
export type Phase = (typeof PHASES)[number] | "other";

/** Words of step ids, by phase; the first phase with a word in the id takes it, in this order. */
const WORDS: readonly (readonly [Phase, readonly string[]])[] = [
  ["restart", ["restart"]],
  ["image", ["image", "build"]],
  ["ready", ["ready", "prove", "dns", "pods"]],
  ["cni", ["cni", "flannel", "network"]],
  ["join", ["join", "token"]],
  ["init", ["init", "kubeconfig", "ca"]],
  ["ssh", ["ssh", "connect"]],
  ["agent", ["agent", "address", "key"]],
  ["boot", ["boot", "domain", "machine"]],
];

export const phaseOf = (step: string): Phase => {
  const words = step.split("-");
  return WORDS.find(([, known]) => known.some((word) => words.includes(word)))?.[0] ?? "other";
};
