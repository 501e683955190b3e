import type { ExperimentOutputs } from "./experiment-outputs";
import { timeByPhase, type TimelineView } from "./timeline-view";

/** What `./lab up` says at its end: what there is now, how long it took, and how to go on. */
export interface UpSummary {
  readonly stack: string;
  readonly outputs: ExperimentOutputs;
  /** The timeline of this very run; absent when there was nothing to do. */
  readonly timeline?: TimelineView;
  /** Names of nodes whose machines do not run: Pulumi's state does not tell, and an up that finds no change does not look. */
  readonly off?: readonly string[];
}

/** The stack that ./lab takes when none is named. */
export const DEFAULT_STACK = "dev";

const PHASE_WORDS: Readonly<Record<string, string>> = { ssh: "SSH", cni: "CNI", between: "between steps" };

/** Parts under this round to 0.0 s. */
const SHOWN_SECONDS = 0.05;

const table = (rows: readonly (readonly string[])[]): readonly string[] => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd());
};

function timeText(timeline: TimelineView): string {
  const parts = timeByPhase(timeline)
    .filter(({ seconds }) => seconds >= SHOWN_SECONDS)
    .map(({ phase, seconds }) => `${PHASE_WORDS[phase] ?? phase} ${seconds.toFixed(1)}`);
  return `ready after ${timeline.seconds.toFixed(1)} s: ${parts.join(" + ")}`;
}

/** What a person has to know first. */
function stateText({ timeline, off = [] }: UpSummary, flag: string): string {
  if (off.length > 0) return `NOT RUNNING: ${off.join(", ")}; ./lab start${flag} switches on what is off`;
  return timeline === undefined ? "nothing had to be done on the machines" : timeText(timeline);
}

export function upSummary(summary: UpSummary): string {
  const { stack, outputs } = summary;
  const { image, kubernetesVersion, nodes } = outputs;
  const flag = stack === DEFAULT_STACK ? "" : ` --stack ${stack}`;
  const someNode = (nodes.find((node) => node.role === "worker") ?? nodes[0])?.name ?? "NODE";
  // Two roles, two images at most; the control plane's is the stack's.
  const others = nodes.find((node) => node.image !== undefined)?.image;
  return [
    `stack ${stack}: Kubernetes ${kubernetesVersion}, ${nodes.length} ${nodes.length === 1 ? "node" : "nodes"}, image ${image.flavour} ${image.path}`,
    ...(others === undefined ? [] : [`workers from image ${others.flavour} ${others.path}`]),
    "",
    ...table([
      ["NODE", "ROLE", "ADDRESS", "DOMAIN"],
      ...nodes.map((node) => [node.name, node.role.replace("-", " "), node.address, node.domain]),
    ]),
    "",
    stateText(summary, flag),
    "",
    "go on with",
    ...table([
      [`./lab kubectl${flag} -- get pods -A`, "anything kubectl can do"],
      [`./lab ssh${flag} ${someNode}`, "a shell on a node"],
      [`./lab timeline${flag}`, "who waited for what"],
      [`./lab destroy${flag}`, "remove it, and prove that nothing is left"],
    ]),
    "",
  ].join("\n");
}
