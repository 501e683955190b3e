/** Turns the texts of a stack's configuration into an experiment, or into one error with everything that is wrong. */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { ExperimentConfig, ImageFlavour, ImageSettings } from "../plan/experiment-config";
import { experimentProblems } from "../plan/experiment-problems";
import type { StackName } from "../plan/names";
import { problemList, type Problem } from "../plan/problems";
import { experimentSchema, type ExperimentSettings } from "./schema";
import { suggestion } from "./suggestion";

/** Pulumi shows a RunError's text alone, without a stack trace. */
export class ConfigError extends pulumi.RunError {
  constructor(
    readonly problems: readonly Problem[],
    stack: string,
  ) {
    super(
      `the configuration of stack ${stack} has ${problems.length} ${problems.length === 1 ? "problem" : "problems"}; nothing was touched:\n${problemList(problems)}\nnext: pulumi config set KEY VALUE, or edit Pulumi.${stack}.yaml`,
    );
  }
}

const jsonSchema = z.toJSONSchema(experimentSchema, { io: "input" });

type SchemaNode = z.core.JSONSchema.BaseSchema;

const isNode = (value: unknown): value is SchemaNode => typeof value === "object" && value !== null;

/** The schema at a path: what type is expected there, which keys are known. */
function schemaAt(path: readonly PropertyKey[]): SchemaNode | undefined {
  let node: SchemaNode | undefined = jsonSchema;
  for (const key of path) {
    const next: unknown = typeof key === "number" ? node?.items : node?.properties?.[String(key)];
    node = isNode(next) ? next : undefined;
  }
  return node;
}

const pathText = (path: readonly PropertyKey[]): string =>
  path
    .map((key, depth) => {
      if (typeof key === "number") return `[${key}]`;
      const name = String(key);
      if (!/^[\w-]+$/.test(name)) return `[${JSON.stringify(name)}]`;
      return depth === 0 ? name : `.${name}`;
    })
    .join("");

/** Pulumi hands over every value as text; what is not of the type stays text, and the schema says what it expected. */
function typedValue(key: string, value: string): unknown {
  const type = schemaAt([key])?.type;
  if (type === "integer") return /^-?\d+$/.test(value) ? Number(value) : value;
  if (type !== "object") return value;
  try {
    const parsed: unknown = JSON.parse(value);
    return parsed;
  } catch {
    return value;
  }
}

function unknownKey(path: readonly PropertyKey[], key: string): Problem {
  const known = Object.keys(schemaAt(path)?.properties ?? {});
  const near = suggestion(key, known);
  return {
    path: pathText([...path, key]),
    text:
      near === undefined ? `is not known here; known are ${known.join(", ")}` : `is not known; did you mean ${near}?`,
  };
}

function problemsOf(issue: z.core.$ZodIssue): readonly Problem[] {
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(issue.path, key));
  if (issue.code === "invalid_key")
    return [{ path: pathText(issue.path), text: issue.issues[0]?.message ?? issue.message }];
  const got = issue.input === undefined ? "nothing" : JSON.stringify(issue.input);
  return [{ path: pathText(issue.path), text: `${issue.message}, got ${got}` }];
}

type RoleImages = Pick<ExperimentConfig, "imageAttribute" | "images">;
type RoleImage = NonNullable<ExperimentSettings["images"]["worker"]>;

const IMAGE_ATTRIBUTE = { nixos: "node-image", debian: "node-image-debian", tiny: "node-image-tiny" } as const;

/** Each from what the settings say; what they leave out of a role's image is the stack's. */
function imagesOf({ imageFlavour, imageFlake, imageAttribute, images }: ExperimentSettings): RoleImages {
  const attributeOf = (flavour: ImageFlavour): string =>
    flavour === imageFlavour && imageAttribute !== "" ? imageAttribute : IMAGE_ATTRIBUTE[flavour];
  const whole = ({ flavour = imageFlavour, flake = imageFlake, attribute }: RoleImage): ImageSettings => ({
    flavour,
    flake,
    attribute: attribute ?? attributeOf(flavour),
  });
  const { "control-plane": controlPlane, worker } = images;
  return {
    imageAttribute: attributeOf(imageFlavour),
    images: { ...(controlPlane && { "control-plane": whole(controlPlane) }), ...(worker && { worker: whole(worker) }) },
  };
}

/** Settings that are empty become absent, and those that follow from others get their value. */
function experimentOf(settings: ExperimentSettings): ExperimentConfig {
  const { nodeNameTemplate, deadlinesFactor, libvirtUri, poolPath, ttl, workload, ...rest } = settings;
  return {
    ...rest,
    ...imagesOf(settings),
    ...(nodeNameTemplate !== "" && { nodeNameTemplate }),
    ...(deadlinesFactor !== 0 && { deadlinesFactor }),
    ...(libvirtUri !== "" && { libvirtUri }),
    ...(poolPath !== "" && { poolPath }),
    ...(ttl !== "" && { ttl }),
    ...(workload && { workload }),
  };
}

/** The settings that are sound by themselves, with defaults: rules between settings are checked on these. */
function soundSettings(values: Readonly<Record<string, unknown>>): Partial<ExperimentSettings> {
  const sound = Object.keys(experimentSchema.shape).flatMap((key) => {
    const result = experimentSchema.safeParse(key in values ? { [key]: values[key] } : {});
    return result.success ? [[key, Reflect.get(result.data, key)]] : [];
  });
  return Object.fromEntries(sound);
}

/** Settings end in manifests, machines and files of the state as they are. An error must not show a secret's value either. */
const secretProblem = (key: string): Problem => ({
  path: key,
  text: "is set with --secret, but an experiment's settings are shown and kept as they are; set it without --secret",
});

/** `values` are the project's own, without the namespace, as texts; `secretKeys` those of them that Pulumi keeps encrypted. */
export function parseExperiment(
  values: Readonly<Record<string, string>>,
  stack: StackName,
  secretKeys: readonly string[] = [],
): ExperimentConfig {
  const plain = Object.entries(values).filter(([key]) => !secretKeys.includes(key));
  const typed = Object.fromEntries(plain.map(([key, value]) => [key, typedValue(key, value)]));
  const result = experimentSchema.safeParse(typed, { reportInput: true });
  const problems = [
    ...secretKeys.map(secretProblem),
    ...(result.success ? [] : result.error.issues.flatMap(problemsOf)),
    ...experimentProblems(soundSettings(typed), stack),
  ];
  if (!result.success || problems.length > 0) throw new ConfigError(problems, stack.stack);
  return experimentOf(result.data);
}
