import type { DeadlineName } from "./deadlines";

/** A step of a bootstrap, as data: planned here, executed by drivers/, printed by a dry run, drawn in the timeline. */

/** A program and its arguments, never a shell line: nothing in it is expanded. No secret may stand in it. */
export type Argv = readonly [string, ...string[]];

/** A file a step needs on its machine. The content travels over SSH's standard input, never in an argument list. */
export interface StepFile {
  readonly path: string;
  /** Octal permission bits as a number, e.g. 0o600. */
  readonly mode: number;
  readonly content: string;
  /** Removed again after the step, whether it succeeded or not. */
  readonly removeAfter: boolean;
}

export interface Step {
  /** Stable identifier, kebab-case, unique within one machine's plan, e.g. `kubeadm-init`. */
  readonly id: string;
  /** What a person reads: `initialise the control plane`. */
  readonly title: string;
  /** Node name of the machine that executes the step. */
  readonly machine: string;
  readonly files: readonly StepFile[];
  readonly command: Argv;
  /** Text for the command's standard input; this is where a secret may go. */
  readonly stdin?: string;
  /** Exits with 0 when nothing is left to do: the step is then skipped, and after the command it must hold. */
  readonly doneWhen?: Argv;
  /** The one that a user sets to give it longer. */
  readonly deadline: DeadlineName;
  /** Wall-clock seconds, as the stack has them. */
  readonly deadlineSeconds: number;
  /** It acts on one node, named in its id, through the API only: steps of other nodes may run on the machine at the same time. */
  readonly ofApi?: true;
}
