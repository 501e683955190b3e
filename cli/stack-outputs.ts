import { z } from "zod";
import { lastLines, ReplikubeError } from "../drivers/errors";
import type { CommandResult } from "../drivers/runner";
import type { ExperimentOutputs } from "../plan/experiment-outputs";
import { Secret } from "../plan/secret";

/** Reads what a stack says about its cluster, and says plainly why when it says nothing. */
export type StackOutputs = Omit<ExperimentOutputs, "kubeconfig" | "sshPrivateKey"> & {
  readonly kubeconfig: Secret;
  readonly sshPrivateKey: Secret;
};

/** Runs the Pulumi CLI in the project, in ./lab's environment. */
export type PulumiCall = (args: readonly string[]) => Promise<CommandResult>;

const secret = z.string().transform((text) => new Secret(text));

const image = z.object({ flavour: z.string(), path: z.string() });

const outputsSchema = z.object({
  kubernetesVersion: z.string(),
  image,
  libvirtUri: z.string(),
  endpoint: z.string(),
  nodes: z.array(
    z.object({
      name: z.string(),
      domain: z.string(),
      role: z.enum(["control-plane", "worker"]),
      index: z.number().int(),
      address: z.string(),
      hostKey: z.string(),
      image: image.optional(),
    }),
  ),
  kubeconfig: secret,
  sshPrivateKey: secret,
});

const stackListSchema = z.array(z.object({ name: z.string(), resourceCount: z.number().optional() }));

/** `organization/project/stack` of some backends is `stack` here. */
const shortName = (name: string): string => name.split("/").at(-1) ?? name;

const failed = (what: string, result: CommandResult): ReplikubeError =>
  new ReplikubeError(
    `${what}: pulumi exited with code ${result.exitCode}\n${lastLines(result.stderr || result.stdout)}`,
  );

const upCommand = (stack: string): string => `./lab up --stack ${stack}`;

/** Why there are no outputs: what the stack's state looks like decides. */
export async function explainAbsence(stack: string, pulumi: PulumiCall): Promise<ReplikubeError> {
  const listed = await pulumi(["stack", "ls", "--json"]);
  if (listed.exitCode !== 0) return failed("the stacks cannot be listed", listed);
  const stacks = stackListSchema.parse(JSON.parse(listed.stdout));
  const found = stacks.find(({ name }) => shortName(name) === stack);
  if (found === undefined) {
    const names = stacks.map(({ name }) => shortName(name));
    return new ReplikubeError(
      `no stack named ${stack}; ${names.length === 0 ? "there is none yet" : `there are: ${names.join(", ")}`}\nnext: ${upCommand(stack)}`,
    );
  }
  if ((found.resourceCount ?? 0) === 0) {
    return new ReplikubeError(`stack ${stack} is not up: nothing of it exists\nnext: ${upCommand(stack)}`);
  }
  return new ReplikubeError(
    `stack ${stack} is half up: it has resources, but its cluster never became ready\nnext: ${upCommand(stack)} goes on where it stopped; ./lab timeline --stack ${stack} shows how far it came`,
  );
}

export async function readStackOutputs(stack: string, pulumi: PulumiCall): Promise<StackOutputs> {
  const result = await pulumi(["stack", "output", "--json", "--show-secrets", "--stack", stack]);
  if (result.exitCode !== 0) {
    if (/no stack named|stack .* not found/.test(result.stderr)) throw await explainAbsence(stack, pulumi);
    throw failed(`the outputs of stack ${stack} cannot be read`, result);
  }
  const outputs: unknown = JSON.parse(result.stdout);
  const parsed = outputsSchema.safeParse(outputs);
  if (parsed.success) return parsed.data;
  if (typeof outputs === "object" && outputs !== null && Object.keys(outputs).length === 0) {
    throw await explainAbsence(stack, pulumi);
  }
  throw new ReplikubeError(
    `the outputs of stack ${stack} are not those of this program:\n${z.prettifyError(parsed.error)}\nnext: ${upCommand(stack)} brings them up to date`,
  );
}
