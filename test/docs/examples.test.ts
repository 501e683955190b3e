import { parse } from "yaml";
import { z } from "zod";
import { experimentSchema } from "../../config/schema";
import { documents, documentText } from "../fixtures/documents";

/** Configurations that the documents show are ones that are taken. */

const document = z.object({ config: z.record(z.string(), z.unknown()) });

const examples = documents.flatMap((name) =>
  [...documentText(name).matchAll(/^```yaml\n(config:[^]*?)^```/gm)].map(([, text = ""]) => [name, text] as const),
);

it("there are some", () => {
  expect(examples.length).toBeGreaterThan(2);
});

it.each(examples)("%s: %s", (_, text) => {
  const { config } = document.parse(parse(text));
  const settings = Object.entries(config).map(([key, value]) => [key.replace(/^replikube:/, ""), value]);
  expect(experimentSchema.safeParse(Object.fromEntries(settings)).error?.message).toBeUndefined();
});
