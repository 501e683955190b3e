import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { STRUCTURED_KEYS, experimentSchema } from "../../config/schema";

const textOf = (path: string): string => readFileSync(join(__dirname, "../..", path), "utf8");
const project: { readonly config: unknown } = parse(textOf("Pulumi.yaml"));

/** What Pulumi.yaml has to say about a key for it to equal the schema. */
const declared = Object.fromEntries(
  Object.entries(experimentSchema.shape)
    .filter(([key]) => !STRUCTURED_KEYS.includes(key))
    .map(([key, schema]) => [
      key,
      {
        type: z.toJSONSchema(schema, { io: "input" }).type,
        default: schema.parse(undefined),
        description: schema.description,
      },
    ]),
);

test("what Pulumi.yaml declares is the schema: keys, types, defaults, descriptions", () => {
  expect(project.config).toEqual(declared);
});

test.each(["Pulumi.yaml", "docs/guide/first-cluster.md"])("%s names every setting that is not declared", (path) => {
  expect(STRUCTURED_KEYS.filter((key) => !textOf(path).includes(`\`${key}\``))).toEqual([]);
});

/** Paths of the settings that say nothing about themselves; an entry of a map or a list is described by its owner. */
function undescribed(node: z.core.JSONSchema.BaseSchema, path: string): readonly string[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, child]) =>
    typeof child === "boolean"
      ? []
      : [...(child.description === undefined ? [`${path}${key}`] : []), ...undescribed(child, `${path}${key}.`)],
  );
}

test("every setting says what it is, nested ones too", () => {
  expect(undescribed(z.toJSONSchema(experimentSchema, { io: "input" }), "")).toEqual([]);
});
