import { z } from "zod";
import { UNKNOWN, type CheckFailure, type CheckRequest, type Checked, type Properties } from "../kit/resource";

/** `check` by a schema: every fault at once with its property path, defaults for what is absent, a name for what has none. */

type Schema = z.ZodObject;

/** As many random digits as Pulumi's own autonaming. */
const SUFFIX_BYTES = 4;
const SUFFIX_DIGITS = 7;

const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, key) => (typeof key === "number" ? `${text}[${key}]` : text === "" ? String(key) : `${text}.${String(key)}`),
    "",
  );

function failuresOf(issue: z.core.$ZodIssue): readonly CheckFailure[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      property: pathText([...issue.path, key]),
      reason: "is not covered by this provider (providers/libvirt/README.md lists what is)",
    }));
  }
  const { path, message, input } = issue;
  const property = pathText(path);
  return [
    input === undefined ? { property, reason: `${message}, got nothing` } : { property, reason: message, got: input },
  ];
}

function nameFor({ name, inputs, oldInputs, seed }: CheckRequest): unknown {
  if (inputs["name"] !== undefined) return inputs["name"];
  if (typeof oldInputs["name"] === "string") return oldInputs["name"];
  return `${name}-${Buffer.from(seed).subarray(0, SUFFIX_BYTES).toString("hex").slice(0, SUFFIX_DIGITS)}`;
}

/** An unknown value cannot be judged yet, at whatever depth. A text that is unknown is a text to the schema. */
const isJudged = ([, value]: readonly [string, unknown]): boolean => value !== UNKNOWN;
const isAboutKnown = ({ input }: z.core.$ZodIssue): boolean => input !== UNKNOWN;

/** Defaults as far as they can be had: a property with something unknown in it stays as it came. */
function withDefaults(schema: Schema, inputs: Properties): Properties {
  const filled = Object.entries(schema.shape).map(([key, each]) => {
    const result = z.safeParse(each, inputs[key]);
    return [key, result.success ? result.data : inputs[key]] as const;
  });
  return Object.fromEntries(filled.filter(([, value]) => value !== undefined));
}

export function checkedInputs(schema: Schema, request: CheckRequest, more: readonly CheckFailure[] = []): Checked {
  const own = Object.entries(request.inputs).filter(([key]) => !key.startsWith("__"));
  const inputs = { ...Object.fromEntries(own), name: nameFor(request) };
  const unknown = Object.fromEntries(Object.entries(inputs).filter((entry) => !isJudged(entry)));
  const judged = Object.fromEntries(Object.entries(inputs).filter(isJudged));
  // A required property that is not known yet is not missing.
  const missing = new Set(Object.keys(unknown));
  const result = schema.safeParse(judged, { reportInput: true });
  const issues = result.success ? [] : result.error.issues;
  const faults = issues.filter(
    (issue) => isAboutKnown(issue) && !(issue.path.length === 1 && missing.has(String(issue.path[0]))),
  );
  const failures = [...faults.flatMap(failuresOf), ...more];
  return { inputs: faults.length > 0 ? inputs : { ...withDefaults(schema, judged), ...unknown }, failures };
}

/** An import knows the id only: libvirt takes a name or a UUID. */
export const nameIn = (state: Properties, id: string): string =>
  typeof state["name"] === "string" ? state["name"] : id;

/** What a deletion needs of an old state, which another version of this provider may have written. */
export const ownedIn = (state: Properties): { readonly name: string; readonly stackId: string | undefined } => ({
  name: String(state["name"]),
  stackId: typeof state["stackId"] === "string" ? state["stackId"] : undefined,
});

/** After `check`, and with everything known. */
export const typed = <S extends Schema>(schema: S, inputs: Properties): z.output<S> =>
  schema.parse(Object.fromEntries(Object.entries(inputs).filter(([key]) => key in schema.shape)));
