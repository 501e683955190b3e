/** What is wrong with an experiment, all of it at once: each problem with the path of the setting that cures it. */
export interface Problem {
  /** Path in the configuration, e.g. `kubernetes.roles.worker.taints[0].effect`. */
  readonly path: string;
  /** What was expected and what there is: `expected at least 1, got 0`. */
  readonly text: string;
}

export const problemList = (problems: readonly Problem[]): string =>
  problems.map(({ path, text }) => `  ${path}: ${text}`).join("\n");

/** The configuration is sound in itself, but not together with what the image or the host is. */
export class PlanError extends Error {
  override readonly name = "PlanError";
  constructor(readonly problems: readonly Problem[]) {
    super(`this experiment cannot be planned:\n${problemList(problems)}`);
  }
}
