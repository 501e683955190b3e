import { z } from "zod";
import { Secret } from "./secret";
import { resourcesOf } from "./stack-traces";

/** As Pulumi writes a secret when it is asked to show it: JSON in JSON. */
const shown = z.object({ plaintext: z.string() }).transform(({ plaintext }): unknown => JSON.parse(plaintext));
const outputs = z.object({ privateKey: shown.pipe(z.string()) });

/** The stack's private key, of the text that `pulumi stack export --show-secrets` gives; undefined until it is made. */
export function stackKeyIn(exportedText: string): Secret | undefined {
  const key = resourcesOf(exportedText).find(({ type }) => type === "pulumi-nodejs:dynamic/replikube:StackKey");
  const parsed = outputs.safeParse(key?.outputs);
  return parsed.success ? new Secret(parsed.data.privateKey) : undefined;
}
