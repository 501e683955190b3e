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
  const got = issue.input === undefined ? "nothing" : JSON.stringify(issue.input);
  return [{ property: pathText(issue.path), reason: `${issue.message}, got ${got}` }];
}

function nameFor({ name, inputs, oldInputs, seed }: CheckRequest): unknown {
  if (inputs["name"] !== undefined) return inputs["name"];
  if (typeof oldInputs["name"] === "string") return oldInputs["name"];
  return `${name}-${Buffer.from(seed).subarray(0, SUFFIX_BYTES).toString("hex").slice(0, SUFFIX_DIGITS)}`;
}

/** A text that is unknown is a text; an unknown number or list cannot be judged yet, and is left out of it. */
const isJudged = ([, value]: readonly [string, unknown]): boolean => value !== UNKNOWN;

export function checkedInputs(schema: Schema, request: CheckRequest, more: readonly CheckFailure[] = []): Checked {
  const own = Object.entries(request.inputs).filter(([key]) => !key.startsWith("__"));
  const inputs = { ...Object.fromEntries(own), name: nameFor(request) };
  const unknown = Object.entries(inputs).filter((entry) => !isJudged(entry));
  const result = schema.safeParse(Object.fromEntries(Object.entries(inputs).filter(isJudged)), { reportInput: true });
  if (!result.success) return { inputs, failures: [...result.error.issues.flatMap(failuresOf), ...more] };
  return { inputs: { ...result.data, ...Object.fromEntries(unknown) }, failures: more };
}

/** An import knows the id only: libvirt takes a name or a UUID. */
export const nameIn = (state: Properties, id: string): string =>
  typeof state["name"] === "string" ? state["name"] : id;

/** After `check`, and with everything known. */
export const typed = <S extends Schema>(schema: S, inputs: Properties): z.output<S> =>
  schema.parse(Object.fromEntries(Object.entries(inputs).filter(([key]) => key in schema.shape)));
